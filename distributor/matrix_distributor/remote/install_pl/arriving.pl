# stream_of_stdin: what standard input holds, unpacked, up to its end.
sub stream_of_stdin { return [begin('gzip', '-dc'), ''] }

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
        my $place = place_for($folder, $path, \%made);
        pour($stream, $size, $place);
        take($stream, -$size % 512);
        dress($place, $mode, $time);
        $held{$path} = [$mode, $time];
    }
    ended($stream) or refuse(63, 'the stream did not arrive whole');
    return \%held;
}
