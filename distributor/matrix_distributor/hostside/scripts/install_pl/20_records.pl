# The records of generations, the index of one, and the sums of files.

# sums PATHS: the sha256 of each that can be read, in one call.
sub sums {
    my @paths = grep { -f } @_;
    return {} unless @paths;
    my ($in, %sums) = begin('sha256sum', @paths);
    while (<$in>) {
        $sums{$2} = $1 if /^([0-9a-f]{64}) [ *](.*)$/;
    }
    close $in;
    return \%sums;
}

sub same {
    my ($found, $wanted) = @_;
    return (defined $found and $found eq $wanted);
}

# checked NAME DIGEST: both, where they belong together as "N-DIGEST12 DIGEST".
sub checked {
    my ($name, $digest) = @_;
    return () unless defined $digest and $digest =~ /^[0-9a-f]{64}$/ and $name =~ /^\d+-/;
    return () unless $name =~ /^\d+-(.*)$/ and $1 eq substr $digest, 0, 12;
    return ($name, $digest);
}

# records FILE: what it records of generations, each "N-DIGEST12 DIGEST".
sub records {
    my ($file) = @_;
    my $text = slurp("$home/$file");
    return () unless defined $text;
    return grep { @$_ } map { [checked(split / /)] } split /\n/, $text;
}

sub current {
    my ($found) = records('current');
    return $found ? @$found : ();
}

# read_index FOLDER: the index of the generation in a folder. `paths`, what is put in place; `folders`, theirs, inner ones
# first; `kept`, that folder; `files`, each file's path within the folder; `sum` and `mode` of each path.
sub read_index {
    my ($folder) = @_;
    my %index = (kept => $folder, paths => [], folders => [], files => [], sum => {}, mode => {});
    my $text = slurp("$folder/index");
    return undef unless defined $text;
    my %seen;
    for (split /\n/, $text) {
        my ($sum, $mode, $path) = split / /, $_, 3;
        next unless defined $path;
        ($index{sum}{$path}, $index{mode}{$path}) = ($sum, $mode);
        if ($path =~ m{^(/.*)/}s) {
            push @{$index{paths}}, $path;
            unshift @{$index{folders}}, $1 unless $seen{$1}++;
        }
        push @{$index{files}}, file_of($path);
    }
    return \%index;
}

# file_of PATH: where a generation holds it, within its folder.
sub file_of {
    my ($path) = @_;
    return $path =~ m{^/} ? "root$path" : $path;
}

# whole FOLDER DIGEST: the index of the generation in its folder if it is all there.
sub whole {
    my ($folder, $digest) = @_;
    for ('lineage', 'manifest.json') { return undef unless -r "$folder/$_" }
    my $index = read_index($folder) or return undef;
    my $sums = sums("$folder/index", map { "$folder/$_" } @{$index->{files}});
    return undef unless same($sums->{"$folder/index"}, $digest);
    for (keys %{$index->{sum}}) {
        return undef unless same($sums->{"$folder/" . file_of($_)}, $index->{sum}{$_});
    }
    return $index;
}

# in_place INDEX NAME: whether the files of a generation are where they are to be put, and all is as an install makes it.
sub in_place {
    my ($index, $name) = @_;
    for (wrongs($index, $name)) { return 0 if $_->[1] ne '' }
    my $standing = standing($index);
    my $sums = sums(values %$standing);
    for (@{$index->{paths}}) {
        return 0 unless $standing->{$_} and same($sums->{$standing->{$_}}, $index->{sum}{$_});
    }
    return 1;
}
