# Puts one file in place, in the folder where it starts. Its arguments stand in a line before it, the content
# follows it on standard input, compressed if so said. It stages, verifies and switches as copy.sh and switch.sh do, in the same places,
# with the same words and statuses, and says "put" when the file is in its place:
#   12 what stands there is not a plain file   70 staging   71 stopped   74 cannot be put in place   75 not whole
# Others may be able to change the folder, or what leads to it: so it goes there step by step, stays in its staging folder,
# which lets nobody else in, and reaches the folder by `..` and by what it has open.
my ($folder, $name, $mode, $owner, $soft, $sum, $packed) = @ARGV;
my ($stage, $here) = ('');
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

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in>;
}

sub same { $_[0] eq $_[2] and $_[1] eq $_[3] }

# ours: of a stat, whether only root and the login can change what lies in that folder.
sub ours {
    my @at = @_;
    return ($at[4] == 0 or $at[4] == $>) unless $at[2] & 022;
    return ($> != 0 and $at[4] == $> and $at[5] == $) + 0 and not $at[2] & 02);
}

# walk: to the folder, as `walk` of copy.sh has it.
sub walk {
    my @rest = split m{/}, $folder;
    my $links = 0;
    chdir(($ENV{DSAS_ROOT} || '') . '/') or refuse(70, "the root folder cannot be entered");
    while (defined(my $part = shift @rest)) {
        next if $part eq '' or $part eq '.';
        my @at = stat '.';
        my $ours = ours(@at);
        my @is = lstat $part;
        if ($ours and -l _) {
            my $leads = readlink $part;
            refuse(70, "too many symbolic links lead to $folder") if ++$links > 40;
            unshift @rest, split m{/}, $leads;
            chdir '/' if $leads =~ m{^/};
            next;
        }
        chdir $part or refuse(70, "$folder cannot be entered: $!");
        my @now = stat '.';
        next if $ours or @is and same(@is[0, 1], @now[0, 1]);
        next if not $at[2] & 022 and @now and $now[4] == $at[4];
        refuse(70, "$part in $folder is no folder, or a symbolic link that somebody else can change: name the folder it leads to");
    }
}

# enter: a staging folder of this login's that lets nobody else in, and lies in the folder.
sub enter {
    my ($staged) = @_;
    chdir $staged or return;
    my (@at, @above) = stat '.';
    @above = stat '..';
    return 1 if $at[4] == $> and ($at[2] & 0777) == 0700 and same(@above[0, 1], (stat $here)[0, 1]);
    chdir $here;
    return;
}

# clear: out of a staging folder, which this stands in, and away with it.
sub clear {
    my ($staged) = @_;
    unlink '0', 'pid';
    chdir $here;
    rmdir $staged;
}

# What those left who were killed.
sub left_behind {
    my ($pid) = slurp('pid') =~ /^(\d+)/;
    return 1 unless $pid and kill 0, $pid;
    return -r "/proc/$pid/cmdline" && slurp("/proc/$pid/cmdline") !~ /dsas/;
}

walk();
exit 12 if -l $name or not -f $name;
umask 077;
opendir $here, '.' or refuse(70, "$folder cannot be read: $!");
for (grep { /^\.dsas\..{6}$/s } readdir $here) {
    next if -l $_ or not -d _ or not enter($_);
    my $dead = -f 'pid' && left_behind();
    clear($_) if $dead;
    chdir $here;
    rmdir $_ if not $dead and -M $_ > 1 / 1440;
}
my $why = '';
for (1 .. 100) {
    my $try = '.dsas.' . join '', map { ('a' .. 'z', 0 .. 9)[rand 36] } 1 .. 6;
    my $made = mkdir $try, 0700;
    $why = "$!";
    next if not $made and -e $try;
    last unless $made;
    enter($try) or refuse(70, "somebody else changes $folder meanwhile");
    opendir my $new, '.' or refuse(70, "$folder cannot be read: $!");
    refuse(70, "somebody else changes $folder meanwhile") if grep { $_ ne '.' and $_ ne '..' } readdir $new;
    $stage = $try;
    last;
}
refuse(70, "nothing can be written in $folder: $why") if $stage eq '';
open my $pid, '>', 'pid' or refuse(70, "nothing can be written in $folder: $!");
print $pid "$$\n";
close $pid or refuse(70, "nothing can be written in $folder: $!");

# sink: where the content goes, the staged file or gzip, which writes that.
sub sink {
    open my $out, '>', '0' or refuse(70, "nothing can be written in $folder: $!");
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
open my $sums, '-|', 'sha256sum', '0' or refuse(75, 'this host has no sha256sum');
my $found = <$sums>;
refuse(75, 'the stream did not arrive whole') unless defined $found and substr($found, 0, 64) eq $sum;

if ($owner ne '' and ($soft eq '' or -o '/')) {
    my ($user, $group) = split /:/, $owner;
    my $uid = $user eq 'root' ? 0 : $user =~ /^\d+$/ ? $user : getpwnam $user;
    my $gid = not(defined $group) ? -1 : $group eq 'root' ? 0 : $group =~ /^\d+$/ ? $group : getgrnam $group;
    # In the words of chown(1), which does this where the host has no perl.
    my $trouble = not(defined $uid) ? "invalid user: '$owner'" : not(defined $gid) ? "invalid group: '$owner'" : '';
    $trouble = "changing ownership of '0': $!" if $trouble eq '' and not chown $uid, $gid, '0';
    if ($trouble ne '') {
        print STDERR "chown: $trouble\n";
        refuse(70, "the owner $owner cannot be set");
    }
}
chmod oct $mode, '0' or refuse(70, "the mode $mode cannot be set: $!");
rename '0', "../$name" or refuse(74, "$folder/$name cannot be replaced: $!");
print STDOUT "put\n" or refuse(74, "standard output: $!");
