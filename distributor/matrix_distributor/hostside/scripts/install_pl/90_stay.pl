# Takes requests line by line while the connection is kept (`stay`), or one by its arguments (`install`).

# read_line, read_bytes COUNT: of the requests on standard input. While nothing comes, what can wait is done.
my ($come, $spare, $due) = ('', undef, undef);

sub read_more {
    while (1) {
        my $now = time;
        my $wait = defined $spare ? $spare : defined $due ? ($due->[0] > $now ? $due->[0] - $now : 0) : undef;
        vec(my $ready = '', fileno STDIN, 1) = 1;
        last if select $ready, undef, undef, $wait;
        if (defined $due and $due->[0] <= time) {
            start_settling($due->[1]);
            $due = undef;
        }
        load_modules() if defined $spare;
        $spare = undef;
    }
    waitpid -1, 1;
    return sysread STDIN, $come, 65536, length $come;
}

# hang_up: nobody asks any more. What waits is done all the same.
sub hang_up {
    start_settling($due->[1], $due->[0] - time) if defined $due;
    exit;
}

sub read_bytes {
    my ($count) = @_;
    while (length $come < $count) { read_more() or hang_up() }
    return substr $come, 0, $count, '';
}

sub read_line {
    while (index($come, "\n") < 0) { read_more() or hang_up() }
    return read_bytes(index($come, "\n") + 1);
}

sub serve {
    while (1) {
        my ($verb, @request) = split / /, substr read_line(), 0, -1;
        say_all("taken\n");
        my $came = read_bytes(pop @request);
        my $base = $verb eq 'change' ? pop @request : undef;
        my $fetch = sub {
            return defined $base ? patch_into($_[0], $base, [undef, $came]) : unpack_into($_[0], $stream_of->($came));
        };
        my ($status, $told, $trouble) = $verb eq 'query' ? attempt(\&query) : attempt(\&install, $fetch, @request);
        say_all("reply $status " . length($told) . ' ' . length($trouble) . "\n$told$trouble");
    }
}

sub say_all {
    my ($text) = @_;
    while (length $text) {
        my $count = syswrite STDOUT, $text;
        exit 75 unless defined $count;
        substr $text, 0, $count, '';
    }
}

my ($way, @words) = @ARGV;
if ($way eq 'install') {
    my ($status, $told, $trouble) = attempt(\&install, sub { unpack_into($_[0], stream_of_stdin()) }, @words);
    print STDERR $trouble;
    print STDOUT $told;
    exit $status;
}
($spare) = @words;
$settle = sub { $due = [time + $rest, @_] };
serve();
