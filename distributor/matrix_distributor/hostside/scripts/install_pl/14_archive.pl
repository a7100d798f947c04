# Unpacks a whole generation, within bounds where its sender is not trusted.

# stream_of_stdin: what standard input holds, unpacked, up to its end.
sub stream_of_stdin { return [begin('gzip', '-dc'), ''] }

# ended STREAM: takes what is left of it, and says whether its program ended well.
sub ended {
    my ($stream) = @_;
    return 1 unless $stream->[0];
    while (more($stream)) {
        spend(length $stream->[1], 0);
        $stream->[1] = '';
    }
    return close $stream->[0];
}

# What somebody who is not trusted sends has bounds: [BYTES, FILES, FOLDERS, WORDS], what is left of bytes and files, how deep
# these may lie, and what is said when that is not enough.
my $room;

sub spend {
    my ($bytes, $files) = @_;
    return unless $room;
    $room->[0] -= $bytes;
    $room->[1] -= $files;
    refuse(64, $room->[3]) if $room->[0] < 0 or $room->[1] < 0;
}

# unpack_into FOLDER STREAM: an archive of files in the format of GNU tar. Gives path to [mode, time] of each; where there are
# bounds, nobody else can read or run the files yet.
sub unpack_into {
    my ($folder, $stream) = @_;
    my ($long, %held, %made) = ('');
    while (1) {
        my $head = take($stream, 512);
        last unless $head =~ /[^\0]/;
        my ($path, $mode, $size, $time, $kind) = unpack 'Z100 Z8 x16 Z12 Z12 x8 a1', $head;
        ($mode, $size, $time) = map { oct($_ =~ /([0-7]+)/ ? $1 : 0) } $mode, $size, $time;
        spend($size + 512, 1);
        if ($kind eq 'L') {
            refuse(63, 'there is a name in the stream that is too long') if $size > 8192;
            ($long = take($stream, $size)) =~ s/\0.*//s;
            take($stream, -$size % 512);
            next;
        }
        ($path, $long) = ($long, '') if length $long;
        refuse(63, 'there is something in the stream that is no file') unless $kind eq '0' or $kind eq "\0";
        refuse(64, $room->[3]) if $room and $path =~ tr{/}{} >= $room->[2];
        my $place = place_for($folder, $path, \%made);
        pour($stream, $size, $place);
        take($stream, -$size % 512);
        $mode = 0600 if $room;
        dress($place, $mode, $time);
        $held{$path} = [$room ? 0644 : $mode, $time];
    }
    ended($stream) or refuse(63, 'the stream did not arrive whole');
    return \%held;
}
