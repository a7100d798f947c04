# What takes three programs at first, and none from when the modules are loaded.

# spool ARCHIVE: the stream of an archive that came whole.
sub spool {
    my ($archive) = @_;
    put("$staging/.archive", $archive);
    open my $stdin, '<&', \*STDIN or cannot('cannot set standard input aside');
    open STDIN, '<', "$staging/.archive" or cannot("cannot read $staging/.archive");
    my $stream = stream_of_stdin();
    open STDIN, '<&', $stdin or cannot('cannot take standard input back');
    unlink "$staging/.archive";
    return $stream;
}

my $stream_of = \&spool;

# load_modules: to load them takes longer than to start three programs, so it pays from the second request on.
sub load_modules {
    eval { require Digest::SHA; require Compress::Raw::Zlib; require IO::Handle; 1 } or return;
    no warnings 'redefine';
    $stream_of = \&inflate;
    *sums = \&sums_within;
    *to_disk = \&to_disk_within;
}

sub inflate {
    my ($archive) = @_;
    my $inflation = Compress::Raw::Zlib::Inflate->new(-WindowBits => 31, -Bufsize => 262144);
    my $status = $inflation->inflate($archive, my $content);
    refuse(63, 'the stream did not arrive whole') unless $status == 1 and not length $archive;
    return [undef, $content];
}

sub sums_within {
    my %sums;
    for (grep { -f } @_) {
        open my $in, '<', $_ or next;
        binmode $in;
        $sums{$_} = Digest::SHA->new(256)->addfile($in)->hexdigest;
    }
    return \%sums;
}

sub to_disk_within {
    for (@_) {
        open my $file, '<', $_ or cannot("cannot open $_");
        IO::Handle::sync($file) or cannot("cannot bring $_ to the disk");
    }
}
