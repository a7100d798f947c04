my ($way, @request) = @ARGV;
my ($status, $told, $trouble) = attempt(\&install, sub { unpack_into($_[0], stream_of_stdin()) }, @request);
print STDERR $trouble;
print STDOUT $told;
exit $status;
