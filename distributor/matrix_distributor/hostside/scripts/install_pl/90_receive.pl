# Judges and installs what comes from an account that is not trusted.
#
# receive.pl GENERATION DIGEST NAME: what `receive` does, in one process with the install. What arrives is unpacked where only
# root can enter, and judged there; nothing of it follows a name that somebody else can change.
my ($most, $many, $deep, $seconds) = (268435456, 20000, 30, 600);
$room = [$most, $many, $deep, "what arrived is more than this host unpacks ($most bytes, $many files, $deep folders deep)"];
my %long = (index => 16777216, 'manifest.json' => 16777216, lineage => 1048576);
my $gzip;

# permitted PATH: whether one of the patterns lets it be put in place. What tells this host who it is is none of a generation's.
sub permitted {
    my ($path) = @_;
    return 0 if $path =~ m{^/etc/dsas\.d/\.?self(/|\z)};
    for (split /\n/, slurp('/etc/dsas/paths')) {
        my $pattern = join '.*', map { quotemeta } split /\*/, $_, -1;
        return 1 if $_ ne '' and $path =~ /\A$pattern\z/s;
    }
    return 0;
}

# check_line HELD LINE: takes a file that the index names out of those that are HELD yet, and gives its mode.
sub check_line {
    my ($held, $line) = @_;
    my ($mode, $path) = $line =~ /\A[0-9a-f]{64} (0[4-7][45][45]) ([^\0-\x1f\x7f]+)\z/ or refuse(69,
        'a line of the index is not as it must be; every file has to be readable by all, and writable by root alone');
    refuse(69, "$path is no path") if "$path/" =~ m{/\.\.?/} or $path =~ m{//};
    if ($path =~ m{^/}) {
        permitted($path) or refuse(69, "$path is no place that this host lets be written (/etc/dsas/paths)");
    }
    elsif ($path !~ m{^matrix/}) {
        refuse(69, "$path is no path of a generation");
    }
    my $file = file_of($path);
    delete $held->{$file} or refuse(63, "$path did not arrive");
    return ($file, oct $mode);
}

# receive_into FOLDER: unpacks what arrives, and gives path to [mode, time] of each file. Modes are those of the index.
sub receive_into {
    my ($folder) = @_;
    refuse(62, 'too many streams arrive on this host at once') if grep({ /^\.tmp-/ } entries($generations)) > 8;
    $gzip = open my $in, '-|', 'gzip', '-dc' or refuse(65, 'this host has no gzip');
    binmode $in;
    local $SIG{ALRM} = sub { kill 'TERM', $gzip; exit 75 };
    alarm $seconds;
    my $held = unpack_into($folder, [$in, '']);
    alarm 0;
    my %left = %$held;
    for ('index', 'lineage', 'manifest.json', 'install.sh') {
        delete $left{$_} or refuse(63, 'what arrived is not whole');
    }
    delete $left{'manifest.json.sig'};
    for (keys %long) { refuse(64, $room->[3]) if -s "$folder/$_" > $long{$_} }
    my $index = slurp("$folder/index");
    refuse(63, 'what arrived is not whole') unless same(sums("$folder/index")->{"$folder/index"}, $ARGV[1]);
    # A list of all lines would take far more memory than they do.
    while ($index =~ /([^\n]*)(?:\n|\z)/g) {
        last if $1 eq '' and pos $index == length $index;
        my ($file, $mode) = check_line(\%left, $1);
        $held->{$file}[0] = $mode;
    }
    refuse(69, 'there are files in it that its index does not name') if %left;
    copy('/etc/dsas/install.sh', "$folder/install.sh");
    for (keys %$held) { chmod $held->{$_}[0], "$folder/$_" or cannot("cannot set the mode of $_") }
    return $held;
}

# keep_script: this host's own install.sh is the one that is called by hand.
sub keep_script {
    my $own = slurp('/etc/dsas/install.sh');
    return if same(slurp("$home/install.sh"), $own);
    replace("$home/install.sh", $own);
    chmod 0755, "$home/install.sh";
}

my ($status, $told, $trouble) = attempt(
    sub {
        my $answer = install(\&receive_into, @_);
        keep_script();
        return $answer;
    },
    @ARGV, '-'
);
kill 'TERM', $gzip if $gzip;
print STDERR $trouble;
print STDOUT $told;
exit $status;
