# What arrives is a stream, [HANDLE, BUFFER]: what has come already is in the buffer, the rest comes by the handle.

# stream_of_stdin: what standard input holds, unpacked, up to its end.
sub stream_of_stdin { return [begin('gzip', '-dc'), ''] }

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
    open my $out, '>', $path or cannot("cannot write $path");
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

# ended STREAM: takes what is left of it, and says whether its program ended well.
sub ended {
    my ($stream) = @_;
    return 1 unless $stream->[0];
    while (more($stream)) { $stream->[1] = '' }
    return close $stream->[0];
}

# unpack_into FOLDER STREAM: an archive of files in the format of GNU tar. Gives path to [mode, time] of each.
sub unpack_into {
    my ($folder, $stream) = @_;
    my ($long, %held, %made) = ('');
    while (1) {
        my $head = take($stream, 512);
        last unless $head =~ /[^\0]/;
        my ($path, $mode, $size, $time, $kind) = unpack 'Z100 Z8 x16 Z12 Z12 x8 a1', $head;
        ($mode, $size, $time) = map { oct($_ =~ /([0-7]+)/ ? $1 : 0) } $mode, $size, $time;
        if ($kind eq 'L') {
            ($long = take($stream, $size)) =~ s/\0.*//s;
            take($stream, -$size % 512);
            next;
        }
        ($path, $long) = ($long, '') if length $long;
        refuse(63, 'there is something in the stream that is no file') unless $kind eq '0' or $kind eq "\0";
        refuse(63, "$path is no path") if "/$path/" =~ m{//|/\.\.?/};
        my ($inner) = "$folder/$path" =~ m{^(.*)/}s;
        make_folder($inner, 0755) unless $made{$inner}++;
        pour($stream, $size, "$folder/$path");
        take($stream, -$size % 512);
        dress("$folder/$path", $mode, $time);
        $held{$path} = [$mode, $time];
    }
    ended($stream) or refuse(63, 'the stream did not arrive whole');
    return \%held;
}

# clear_staging: removes what streams that were cut off left.
sub clear_staging {
    for (entries($generations)) {
        remove("$generations/$_") if /^\.tmp-(\d+)$/ and ($1 == $$ or not kill 0, $1);
    }
}
