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
        my ($old, $place) = ("$generations/$base/$path", place_for($folder, $path, \%made));
        $held{$path} = [oct $mode, $time];
        next if $kind eq 'same' and link $old, $place;
        my $content = slurp($old);
        $content = '' unless defined $content;
        $content = join '', map { piece($stream, $content) } 1 .. $pieces if $kind eq 'file';
        put($place, $content);
        dress($place, @{$held{$path}});
    }
    return \%held;
}

sub piece {
    my ($stream, $content) = @_;
    my $line = take_line($stream);
    return take($stream, $1) if $line =~ /^data (\d+)$/;
    refuse(63, 'the stream is of another kind') unless $line =~ /^copy (\d+) (\d+)$/ and $1 + $2 <= length $content;
    return substr $content, $1, $2;
}

sub take_line {
    my ($stream) = @_;
    my $length;
    while (($length = index $stream->[1], "\n") < 0) {
        more($stream) or refuse(63, 'the stream did not arrive whole');
    }
    return substr take($stream, $length + 1), 0, -1;
}
