# query: which generation is in force, and whether its files are in place.
sub query {
    my ($name, $digest) = current();
    return "dsas 1 0 - none\n" unless defined $name;
    my ($number) = $name =~ /^(\d+)/;
    my $index = -s "$home/pending" ? undef : read_index("$generations/$name");
    my $condition = -s "$home/pending" ? 'partial' : not($index) ? 'broken' : 'whole';
    my $drift = '';
    if ($index and -e $signers and not judged($name, $digest)) {
        $condition = 'unsigned';
    }
    elsif ($index) {
        my $standing = standing($index);
        my $sums = sums("$generations/$name/index", values %$standing);
        $condition = 'drift' unless same($sums->{"$generations/$name/index"}, $digest);
        for (@{$index->{paths}}) {
            next if $standing->{$_} and same($sums->{$standing->{$_}}, $index->{sum}{$_});
            ($condition, $drift) = ('drift', "${drift}drift $_\n");
        }
    }
    return "${drift}dsas 1 $number $digest $condition\n";
}
