# Answers `query`.

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
        my @kept = grep { -r } map { "$generations/$name/$_" } 'index', @{$index->{files}};
        my $sums = sums(@kept, values %$standing);
        for (wrongs($index, $name)) {
            my ($path, $why) = @$_;
            my $wanted = $index->{sum}{$path};
            if ($wanted and $why =~ /^(?:mode|owner|something|$)/) {
                my $other = not($standing->{$path} and same($sums->{$standing->{$path}}, $wanted));
                $why = join ', ', -r "$root$path" ? 'other content' : (), $why eq '' ? () : $why if $other;
                $why = 'cannot be read' if $other and $why eq '';
            }
            ($condition, $drift) = ('drift', "${drift}why $why\ndrift $path\n") if $why ne '';
        }
        my ($here, $named) = (first_line("$root/etc/dsas.d/self"), first_line("$home/name"));
        if ($named ne '' and $here ne $named and wrong('file', '0644', "$root/etc/dsas.d/self") eq '') {
            my $says = $here eq '' ? 'nothing' : "that this is $here";
            ($condition, $drift) = ('drift', "${drift}why says $says\ndrift /etc/dsas.d/self\n");
        }
        $condition = 'broken' unless kept_well($index, $sums, $digest);
    }
    return "${drift}dsas 1 $number $digest $condition\n";
}

sub first_line {
    my $text = slurp($_[0]);
    return defined $text && $text =~ /\A([^\n]+)/ ? $1 : '';
}

# kept_well INDEX SUMS DIGEST: whether the generation's own copy is whole, as far as it may be read.
sub kept_well {
    my ($index, $sums, $digest) = @_;
    my $kept = $index->{kept};
    for ("$kept/lineage", "$kept/manifest.json") { return 0 unless -e }
    return 0 unless same($sums->{"$kept/index"}, $digest);
    for (keys %{$index->{sum}}) {
        my $file = "$kept/" . file_of($_);
        return 0 unless -e $file and (not -r _ or same($sums->{$file}, $index->{sum}{$_}));
    }
    return 1;
}
