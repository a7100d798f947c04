# Makes a generation out of another one that this host keeps.

# patch_into FOLDER BASE STREAM: a generation out of another one that this host keeps, by a stream as delta.py of the origin
# describes it. Gives path to [mode, time] of each. That it came out right shows in the sums of all files.
sub patch_into {
    my ($folder, $base, $stream) = @_;
    refuse(66, "there is no generation $base here") unless $base =~ /^\d+-[0-9a-f]+$/ and -d "$generations/$base";
    my ($time) = take_line($stream) =~ /^delta (\d+)$/ or refuse(63, 'the stream is of another kind');
    my (%held, %made);
    while ((my $line = take_line($stream)) ne 'end') {
        my ($kind, $mode, $pieces, $path) = $line =~ /^(same|file) ([0-7]{4}) (\d+) (.+)$/
            or refuse(63, 'the stream is of another kind');
        # What is the same is one file with the old one, which must not be written through it.
        refuse(63, "$path stands twice in the stream") if $held{$path};
        my ($old, $place) = ("$generations/$base/$path", place_for($folder, $path, \%made));
        $held{$path} = [oct $mode, $time];
        next if $kind eq 'same' and link $old, $place;
        if ($kind eq 'same') { copy($old, $place) }
        else                 { assemble($stream, $old, $pieces, $place) }
        dress($place, @{$held{$path}});
    }
    return \%held;
}

# assemble STREAM OLD PIECES PLACE: a file out of so many pieces, of the old one or new.
sub assemble {
    my ($stream, $old, $pieces, $place) = @_;
    my $length = 0;
    if (open my $in, '<:raw', $old) {
        while (my $count = sysread $in, $buffer, -s $in, $length) { $length += $count }
    }
    open my $out, '>:raw', $place or cannot("cannot write $place");
    for (1 .. $pieces) {
        my $line = take_line($stream);
        if ($line =~ /^data (\d+)$/) {
            write_out($out, $place, \take($stream, $1), 0, $1);
        }
        else {
            my ($offset, $count) = $line =~ /^copy (\d+) (\d+)$/ or refuse(63, 'the stream is of another kind');
            refuse(63, 'the stream starts from another file') if $offset + $count > $length;
            write_out($out, $place, \$buffer, $offset, $count);
        }
    }
    close $out or cannot("cannot write $place");
}

sub take_line {
    my ($stream) = @_;
    my $length;
    while (($length = index $stream->[1], "\n") < 0) {
        more($stream) or refuse(63, 'the stream did not arrive whole');
    }
    return substr take($stream, $length + 1), 0, -1;
}
