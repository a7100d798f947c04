# The order of all steps of an install, and what comes of it.

# clear_staging: removes what streams that were cut off left.
sub clear_staging {
    for (entries($generations)) {
        remove("$generations/$_") if /^\.tmp-(\d+)$/ and ($1 == $$ or not kill 0, $1);
    }
}

sub take_lock {
    # Whoever can read a file can lock it, and keep all others out.
    umask 077;
    open $lock, '>', "$home/lock" or cannot("cannot open $home/lock");
    umask 022;
    chmod 0600, $lock or cannot("cannot close $home/lock to others");
    for (1 .. $lock_wait) {
        return if flock $lock, 2 | 4;
        sleep 1;
    }
    refuse(62, 'another install is running on this host') unless flock $lock, 2 | 4;
}

# arrived WANTED SCRIPT LINEAGE OTHERS: the index of what was unpacked, if it is the whole of the generation that was
# announced; and the sums of what was asked along with it.
sub arrived {
    my ($wanted, $script, $lineage, @others) = @_;
    my $index = read_index($staging) or return ();
    check_places($index);
    my %wanted = ("$staging/index" => $wanted, $script ? ("$staging/install.sh" => $script) : ());
    $wanted{"$staging/lineage"} = $lineage if defined $lineage;
    $wanted{"$staging/" . file_of($_)} = $index->{sum}{$_} for keys %{$index->{sum}};
    my $sums = sums(keys %wanted, @others);
    for (keys %wanted) { return () unless same($sums->{$_}, $wanted{$_}) }
    return ($index, $sums);
}

# install FETCH ARGUMENTS: puts in place what FETCH brings into the folder that it is given, and gives the answer.
sub install {
    my ($fetch, $generation, $wanted, $self, $force, $script) = @_;
    my ($target, $half) = ("$generation-" . substr($wanted, 0, 12), "what arrived is not the whole of generation $generation");
    make_folder($generations, 0755);
    clear_staging();
    $staging = "$generations/.tmp-$$";
    mkdir $staging, 0700 or cannot("cannot make $staging");
    my $held = $fetch->($staging);
    for ('index', 'lineage', 'manifest.json') { refuse(63, $half) unless $held->{$_} }
    my $verdict = verdict($staging, $wanted, $generation);
    refuse(68, $verdict) if $verdict ne '';
    my ($fleet, $lineage) = (said($staging))[2, 3];
    undef $lineage if $fleet eq '';
    take_lock();
    my @recorded = map { [@$_, "$generations/$_->[0]/index"] } records('current'), records('pending');
    my ($index, $sums) = arrived($wanted, $script, $lineage, "$home/install.sh", map { $_->[2] } @recorded);
    refuse(63, $half) unless $index;
    my ($old, ($name, $digest)) = (0, current());
    if (defined $name) {
        ($old) = $name =~ /^(\d+)/;
        if ($name eq $target and not -s "$home/pending") {
            my $here = whole("$generations/$name", $digest);
            if ($here and in_place($here, $name) and judged($name, $digest, $fleet)) {
                write_self($self);
                return "dsas 1 $old $digest same\n";
            }
        }
        check_lineage($generation, $wanted, $name, $digest, $fleet) unless $force eq 'force';
    }
    my @earlier = map { read_index("$generations/$_->[0]") || () } grep { same($sums->{$_->[2]}, $_->[1]) } @recorded;
    keep_arrived($target, $wanted, $fleet);
    my $new_script = $script && not same($sums->{"$home/install.sh"}, $script);
    my $removed = put_in_place($target, $wanted, $index, $held, \@earlier, $new_script);
    write_self($self);
    $settle->($target);
    return "${removed}before $old\ndsas 1 $generation $wanted installed\n";
}

# keep_arrived NAME DIGEST FLEET: makes what arrived one of the generations of this host, unless it is that already.
sub keep_arrived {
    my ($target, $wanted, $fleet) = @_;
    if (-e "$generations/$target") {
        return if whole("$generations/$target", $wanted) and judged($target, $wanted, $fleet);
        remove("$generations/$target");
    }
    chmod 0755, $staging or cannot("cannot set the mode of $staging");
    rename $staging, "$generations/$target" or cannot("cannot keep generation $target");
}

# start_settling NAME [SECONDS]: has install.sh do what can wait, so many seconds from now.
sub start_settling {
    my ($name, $seconds) = @_;
    my $child = fork;
    return if not defined $child or $child;
    close $lock if $lock;
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    open STDERR, '>', '/dev/null';
    select undef, undef, undef, $seconds if $seconds;
    exec 'sh', "$home/install.sh", 'settle', $name;
}

# attempt WORK ARGUMENTS: gives status, and what is told on standard output and on standard error.
sub attempt {
    my ($work, @arguments) = @_;
    my $answer = eval { $work->(@arguments) };
    my $error = $@;
    chdir '/';
    eval { remove($staging) };
    ($staging, $lock) = ('', undef);
    return (0, $answer, '') if defined $answer;
    my ($status, $words) = ref $error ? @$error : (64, $error);
    return ($status, '', "dsas: $words\n");
}

END { eval { remove($staging) } if $staging ne '' }
