# Takes bytes and files out of a stream.
#
# What arrives is a stream, [HANDLE, BUFFER]: what has come already is in the buffer, the rest comes by the handle.

# more STREAM: whether more of it has come.
sub more {
    my ($stream) = @_;
    return $stream->[0] && sysread $stream->[0], $stream->[1], $piece, length $stream->[1];
}

# take STREAM COUNT: so many bytes of it.
sub take {
    my ($stream, $count) = @_;
    while (length $stream->[1] < $count) {
        more($stream) or refuse(63, 'the stream did not arrive whole');
    }
    return substr $stream->[1], 0, $count, '';
}

# pour STREAM COUNT FILE: so many bytes of it into a file, piece by piece.
sub pour {
    my ($stream, $count, $path) = @_;
    open my $out, '>:raw', $path or cannot("cannot write $path");
    while ($count) {
        length $stream->[1] or more($stream) or refuse(63, 'the stream did not arrive whole');
        my $length = length $stream->[1] < $count ? length $stream->[1] : $count;
        my $written = syswrite $out, $stream->[1], $length;
        defined $written or cannot("cannot write $path");
        substr $stream->[1], 0, $written, '';
        $count -= $written;
    }
    close $out or cannot("cannot write $path");
}

# place_for FOLDER PATH MADE: where a file of a generation is put within its folder, whose inner folders are made.
sub place_for {
    my ($folder, $path, $made) = @_;
    refuse(63, "$path is no path") if "/$path/" =~ m{//|/\.\.?/};
    my ($inner) = "$folder/$path" =~ m{^(.*)/}s;
    make_folder($inner, 0755) unless $made->{$inner}++;
    return "$folder/$path";
}
