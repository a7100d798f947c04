# Puts the questions on standard input to /etc/dsas.pl, given as the only argument: JSON in, JSON out.
use strict;
use warnings;
use Encode qw(decode encode);
use JSON::PP ();

my $json = JSON::PP->new->utf8;
require $ARGV[0];
my @answers;
for my $question (@{$json->decode(do { local $/; <STDIN> })}) {
    my ($name, $many, $arguments) = @{$question};
    my @arguments = map { defined $_ ? encode("utf8", $_) : undef } @{$arguments};
    my $ask    = DSAS->can($name);
    my @answer = eval { $many ? [$ask->(@arguments)] : scalar $ask->(@arguments) };
    push @answers, @answer ? {answer => text($answer[0])} : {error => decode('UTF-8', $@)};
}
print $json->encode(\@answers);

sub text {
    my ($value) = @_;
    return [map { text($_) } @{$value}] if ref $value;
    return decode('utf8', "$value", Encode::FB_CROAK);    # noncharacters too
}
