# The head of every install.pl, with what reads and writes files.
#
# install.pl: what install.sh does for `install` and `query`, in one process where a host has perl. Starting programs is what an
# install spends its time on, and this one starts sha256sum, sync and, for an archive, gzip. Layout, records, order of steps, words
# and statuses are those of install.sh, which says what they mean; either goes on where the other was cut off.
#
#   install GENERATION DIGEST NAME force|- SCRIPT  one generation, the archive on standard input: 90_stay.pl, asked once
#   change GENERATION DIGEST NAME force|- SCRIPT BASE    one generation, out of BASE, N-DIGEST12, that the host keeps:
#                                                  what changes on standard input
#   stay SECONDS                                   requests on standard input, a line each; the archive of that many
#                                                  bytes follows:
#                                                    query 0
#                                                    install GENERATION DIGEST NAME force|- SCRIPT BYTES
#                                                    change GENERATION DIGEST NAME force|- SCRIPT BASE BYTES
#                                                  answered by "taken", and at the end by a line
#                                                  "reply STATUS BYTES BYTES" and what is told on standard output and
#                                                  standard error. After SECONDS at rest it loads the modules that it has
#
# SCRIPT is the sha256 of install.sh. This text comes on standard input before all else, without comments, since some sshd
# take no command of its length. It uses no module at first: to load one takes longer than to start a program.

my ($root, $rest) = ($ENV{DSAS_ROOT} || '', defined $ENV{DSAS_REST} ? $ENV{DSAS_REST} : 10);
if ($root =~ m{^[^/]}) { chomp(my $here = `pwd -P`); $root = "$here/$root" }
my $home        = "$root/var/lib/dsas";
my $generations = "$home/generations";
my $signers     = "$root/etc/dsas/allowed_signers";
my $slot        = '.dsas-new';
my ($kept, $lock_wait, $piece, $reach) = (5, 30, 65536, 10000);
my $buffer = '';
my ($staging, $lock) = ('', undef);
my $settle = sub { start_settling(@_, $rest) };

umask 022;
@ENV{'LC_ALL', 'PATH'} = ('C', $ENV{PATH} || '/usr/local/bin:/usr/bin:/bin');
$SIG{PIPE} = 'IGNORE';
$SIG{HUP} = $SIG{INT} = $SIG{TERM} = sub { exit 75 };

sub refuse {
    my ($status, @words) = @_;
    die [$status, join '', @words];
}

# cannot DOING: ends it with what the system said of the last call.
sub cannot {
    my ($doing) = @_;
    refuse(64, "$doing: $!");
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return undef;
    binmode $in;
    local $/;
    my $text = <$in>;
    return defined $text ? $text : '';
}

# put PATH CONTENT: writes a file that nobody looks at yet.
sub put {
    my ($path, $content) = @_;
    open my $out, '>:raw', $path or cannot("cannot write $path");
    write_out($out, $path, \$content, 0, length $content);
    close $out or cannot("cannot write $path");
}

# write_out HANDLE PATH CONTENT OFFSET COUNT: so many bytes of what CONTENT refers to, without a copy of them.
sub write_out {
    my ($out, $path, $content, $offset, $count) = @_;
    while ($count) {
        my $written = syswrite $out, $$content, $count, $offset;
        defined $written or cannot("cannot write $path");
        ($offset, $count) = ($offset + $written, $count - $written);
    }
}

# dress PATH MODE TIME: gives a file its mode and time.
sub dress {
    my ($path, $mode, $time) = @_;
    chmod $mode, $path or cannot("cannot set the mode of $path");
    utime $time, $time, $path or cannot("cannot set the time of $path");
}

# copy FROM TO [NAMED]: the content alone; NAMED is what a person knows TO by.
sub copy {
    my ($from, $to, $named) = @_;
    $named = $to unless defined $named;
    open my $in, '<:raw', $from or cannot("cannot read $from");
    open my $out, '>:raw', $to or cannot("cannot write $named");
    while (1) {
        my $count = sysread $in, $buffer, 16 * $piece;
        defined $count or cannot("cannot read $from");
        last unless $count;
        write_out($out, $named, \$buffer, 0, $count);
    }
    close $out or cannot("cannot write $named");
}

# replace PATH CONTENT: by rename, from a file beside it whose name begins with a dot.
sub replace {
    my ($path, $content) = @_;
    my ($folder, $file) = $path =~ m{^(.*)/(.*)$}s;
    remove("$folder/.$file"); # somebody whose folder it was may have left a link there
    put("$folder/.$file", $content);
    rename "$folder/.$file", $path or cannot("cannot rename $folder/.$file");
}

sub make_folder {
    my ($path, $mode) = @_;
    return if -d $path;
    my ($parent) = $path =~ m{^(.+)/};
    make_folder($parent, 0755) if defined $parent;
    return if mkdir $path, $mode;
    my $why = "$!";
    -d $path or refuse(64, "cannot make $path: $why");
}

sub entries {
    my ($folder) = @_;
    opendir my $in, $folder or return ();
    return grep { $_ ne '.' and $_ ne '..' } readdir $in;
}

sub remove {
    my ($path) = @_;
    if (-d $path and not -l $path) {
        remove("$path/$_") for entries($path);
        rmdir $path or cannot("cannot remove $path");
    }
    elsif (-e $path or -l $path) {
        unlink $path or cannot("cannot remove $path");
    }
}

# begin PROGRAM ARGUMENTS: starts a program to read from.
sub begin {
    my @command = @_;
    open my $in, '-|', @command or refuse(65, "this host has no $command[0]");
    binmode $in;
    return $in;
}
