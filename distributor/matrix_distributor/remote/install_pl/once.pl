my ($way, @request) = @ARGV;
my ($status, $told, $trouble) = attempt(\&install, \&stream_of_stdin, @request);
print STDERR $trouble;
print STDOUT $told;
exit $status;
