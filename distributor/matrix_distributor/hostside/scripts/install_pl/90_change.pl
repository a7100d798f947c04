# Takes one generation as a delta of another one.

for my $tool ('sha256sum', 'sync', 'flock') {
    exit 127 unless grep { -x "$_/$tool" } split /:/, $ENV{PATH};
}
my (undef, @request) = @ARGV;
my $base = pop @request;
my ($status, $told, $trouble) = attempt(\&install, sub { patch_into($_[0], $base, [\*STDIN, '']) }, @request);
print STDERR $trouble;
print STDOUT $told;
exit $status;
