# put.pl: puts one file in place, in the folder where it starts. Its arguments stand in a line before it, the content
# follows it on standard input, compressed if so said. It stages, verifies and switches as copy.sh and switch.sh do, in the same places,
# with the same words and statuses, and says "put" when the file is in its place:
#   12 what stands there is not a plain file   70 staging   71 stopped   74 cannot be put in place   75 not whole
my ($folder, $name, $mode, $owner, $soft, $sum, $packed) = @ARGV;
my $stage = '';
$0 = 'dsas';
$ENV{LC_ALL} = 'C';
$SIG{PIPE} = 'IGNORE';
$SIG{HUP} = $SIG{INT} = $SIG{TERM} = sub { exit 71 };
END { clear($stage) if $stage ne '' }

sub refuse {
    my ($status, $words) = @_;
    print STDERR "dsas: $words\n";
    exit $status;
}

sub clear {
    my ($staged) = @_;
    unlink "$staged/0", "$staged/pid";
    rmdir $staged;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

# What those left who were killed.
sub left_behind {
    my ($staged) = @_;
    return -M $staged > 1 / 1440 unless -f "$staged/pid";
    my ($pid) = slurp("$staged/pid") =~ /^(\d+)/;
    return 1 unless $pid and kill 0, $pid;
    return -r "/proc/$pid/cmdline" && slurp("/proc/$pid/cmdline") !~ /dsas/;
}

exit 12 if -l $name or not -f $name;
umask 077;
opendir my $here, '.' or refuse(70, "$folder cannot be read: $!");
for (grep { /^\.dsas\..{6}$/s } readdir $here) { clear($_) if left_behind($_) }
my $why = '';
for (1 .. 100) {
    my $try = '.dsas.' . join '', map { ('a' .. 'z', 0 .. 9)[rand 36] } 1 .. 6;
    $stage = $try, last if mkdir $try, 0700;
    $why = "$!";
    last unless -e $try;
}
refuse(70, "nothing can be written in $folder: $why") if $stage eq '';
open my $pid, '>', "$stage/pid" or refuse(70, "nothing can be written in $folder: $!");
print $pid "$$\n";
close $pid or refuse(70, "nothing can be written in $folder: $!");

# sink: where the content goes, the staged file or gzip, which writes that.
sub sink {
    open my $out, '>', "$stage/0" or refuse(70, "nothing can be written in $folder: $!");
    return $out unless $packed;
    open my $told, '>&', \*STDOUT or refuse(70, "standard output: $!");
    open STDOUT, '>&', $out or refuse(70, "standard output: $!");
    open my $gzip, '|-', 'gzip', '-dc' or refuse(75, 'this host has no gzip');
    open STDOUT, '>&', $told;
    return $gzip;
}

my $sink = sink();
binmode $_ for $sink, \*STDIN;
$why = '';
while (read STDIN, my $piece, 65536) {
    print $sink $piece and next;
    $why = "$!";
    last;
}
unless (close $sink and $why eq '') {
    refuse(75, "nothing can be written in $folder: " . ($why || $!)) unless $packed;
    refuse(75, 'the stream did not arrive whole');
}
open my $sums, '-|', 'sha256sum', "$stage/0" or refuse(75, 'this host has no sha256sum');
my $found = <$sums>;
refuse(75, 'the stream did not arrive whole') unless defined $found and substr($found, 0, 64) eq $sum;

if ($owner ne '' and ($soft eq '' or -o '/')) {
    my ($user, $group) = split /:/, $owner;
    my $uid = $user eq 'root' ? 0 : $user =~ /^\d+$/ ? $user : getpwnam $user;
    my $gid = not(defined $group) ? -1 : $group eq 'root' ? 0 : $group =~ /^\d+$/ ? $group : getgrnam $group;
    # In the words of chown(1), which does this where the host has no perl.
    my $trouble = not(defined $uid) ? "invalid user: '$owner'" : not(defined $gid) ? "invalid group: '$owner'" : '';
    $trouble = "changing ownership of '0': $!" if $trouble eq '' and not chown $uid, $gid, "$stage/0";
    if ($trouble ne '') {
        print STDERR "chown: $trouble\n";
        refuse(70, "the owner $owner cannot be set");
    }
}
chmod oct $mode, "$stage/0" or refuse(70, "the mode $mode cannot be set: $!");
rename "$stage/0", $name or refuse(74, "$folder/$name cannot be replaced: $!");
print STDOUT "put\n" or refuse(74, "standard output: $!");
