# What arrives is a stream, [HANDLE, BUFFER]: what has come already is in the buffer, the rest comes by the handle.

# stream_of_stdin: what standard input holds, unpacked, up to its end.
sub stream_of_stdin { return [begin('gzip', '-dc'), ''] }

# stream_of ARCHIVE: the same of an archive that came whole.
sub stream_of {
    my ($archive) = @_;
    if ($within) {
        my $inflation = Compress::Raw::Zlib::Inflate->new(-WindowBits => 31, -Bufsize => 262144);
        my $status = $inflation->inflate($archive, my $content);
        refuse(63, 'the stream did not arrive whole') unless $status == 1 and not length $archive;
        return [undef, $content];
    }
    put("$staging/.archive", $archive);
    open my $stdin, '<&', \*STDIN or cannot('cannot set standard input aside');
    open STDIN, '<', "$staging/.archive" or cannot("cannot read $staging/.archive");
    my $stream = stream_of_stdin();
    open STDIN, '<&', $stdin or cannot('cannot take standard input back');
    unlink "$staging/.archive";
    return $stream;
}

# take STREAM COUNT: so many bytes of it; undef where it ends before that.
sub take {
    my ($stream, $count) = @_;
    while (length $stream->[1] < $count) {
        return undef unless $stream->[0] and sysread $stream->[0], $stream->[1], 65536, length $stream->[1];
    }
    return substr $stream->[1], 0, $count, '';
}

# ended STREAM: takes what is left of it, and says whether its program ended well.
sub ended {
    my ($stream) = @_;
    return 1 unless $stream->[0];
    while (sysread $stream->[0], $stream->[1], 65536) { }
    return close $stream->[0];
}

# unpack_into FOLDER STREAM: an archive of files in the format of GNU tar. Gives path to [mode, time, content] of each.
sub unpack_into {
    my ($folder, $stream) = @_;
    my ($long, %held, %made) = ('');
    while (1) {
        my $head = take($stream, 512);
        refuse(63, 'the stream did not arrive whole') unless defined $head;
        last unless $head =~ /[^\0]/;
        my ($path, $mode, $size, $time, $kind) = unpack 'Z100 Z8 x16 Z12 Z12 x8 a1', $head;
        ($mode, $size, $time) = map { oct($_ =~ /([0-7]+)/ ? $1 : 0) } $mode, $size, $time;
        my $content = take($stream, $size);
        refuse(63, 'the stream did not arrive whole')
            unless defined $content and defined take($stream, -$size % 512);
        if ($kind eq 'L') {
            ($long = $content) =~ s/\0.*//s;
            next;
        }
        ($path, $long) = ($long, '') if length $long;
        refuse(63, 'there is something in the stream that is no file') unless $kind eq '0' or $kind eq "\0";
        refuse(63, "$path is no path") if "/$path/" =~ m{//|/\.\.?/};
        my ($inner) = "$folder/$path" =~ m{^(.*)/}s;
        make_folder($inner, 0755) unless $made{$inner}++;
        put("$folder/$path", $content, $mode, $time);
        $held{$path} = [$mode, $time, $content];
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
