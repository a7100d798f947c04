# Puts the files of a generation in place: beside their places first, then by one rename right after another.

# clear_slots FOLDERS: removes what installs that were cut off left in them.
sub clear_slots {
    for (@_) {
        my $ours = enter($_);
        clear_slot($ours) if defined $ours;
    }
}

# fill SOURCE INDEX HELD: a copy of every file of a generation beside its place. Nothing of it is in force yet. Gives the slot
# of each folder, entered, and whether the folder is closed.
sub fill {
    my ($source, $index, $held) = @_;
    my ($mounts, %slots) = (mounts());
    for my $folder (@{$index->{folders}}) {
        my $ours = enter($folder, 1);
        enter_slot($folder);
        opendir my $here, '.' or cannot("cannot read $root$folder/$slot");
        $slots{$folder} = [$here, $ours];
    }
    for my $path (@{$index->{paths}}) {
        my ($folder, $name) = apart($path);
        chdir $slots{$folder}[0] or cannot("cannot enter $root$folder/$slot");
        lstat "../$name";
        refuse(64, "there is a folder in the place of $path") if -d _;
        refuse(64, "something is mounted on $path") if $mounts->{"$root$path"};
        copy("$source/root$path", $name, "$root$folder/$slot/$name");
        own($name);
        dress($name, @{$held->{"root$path"}});
    }
    return \%slots;
}

# fill_to_disk INDEX SLOTS FILES: brings what was filled, and these files, to the disk; in one call but for what lies in folders of
# somebody else, where a path may lead elsewhere.
sub fill_to_disk {
    my ($index, $slots, @files) = @_;
    my %others;
    for (@{$index->{paths}}) {
        my ($folder, $name) = apart($_);
        if ($slots->{$folder}[1]) { push @files, "$root$folder/$slot/$name" }
        else                      { push @{$others{$folder}}, "./$name" }
    }
    to_disk(@files);
    for (keys %others) {
        chdir $slots->{$_}[0] or cannot("cannot enter $root$_/$slot");
        to_disk(@{$others{$_}});
    }
}

# take_out PATH: removes a file that is in place; gives whether there was one.
sub take_out {
    my ($path) = @_;
    my ($folder, $name) = apart($path);
    return 0 unless defined eval { enter($folder) } and lstat $name and (-f _ or -l _);
    unlink $name or cannot("cannot remove $path");
    return 1;
}

# to_disk PATHS: brings the bytes of these files to the disk.
sub to_disk {
    system('sync', @_) == 0 or refuse(64, 'cannot bring the files to the disk');
}

# doomed IN_FORCE: the oldest generations beyond those that are kept.
sub doomed {
    my ($in_force) = @_;
    my @all = map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { /^(\d+)-/ ? [$1, $_] : () } entries($generations);
    my $surplus = @all - $kept;
    my @oldest = grep { $_ ne $in_force } @all;
    return map { "$generations/$_" } $surplus > 0 ? @oldest[0 .. ($surplus > @oldest ? @oldest : $surplus) - 1] : ();
}

# put_in_place NAME DIGEST INDEX HELD EARLIER NEW_SCRIPT: EARLIER are indexes of generations that may have left something. Gives
# what was removed, for the answer. Until its end a power cut leaves the record of it in `pending`, by which whoever comes
# next completes it.
sub put_in_place {
    my ($name, $digest, $index, $held, $earlier, $new_script) = @_;
    open my $pending, '>>', "$home/pending" or cannot("cannot write $home/pending");
    syswrite $pending, "$name $digest\n" or cannot("cannot write $home/pending");
    close $pending or cannot("cannot write $home/pending");
    clear_slots(@{$index->{folders}}, map { @{$_->{folders}} } @$earlier);
    my $slots = fill("$generations/$name", $index, $held);
    fill_to_disk($index, $slots, "$home/pending", "$generations/$name/index");
    for (@{$index->{paths}}) {
        my ($folder, $file) = apart($_);
        chdir $slots->{$folder}[0] or cannot("cannot enter $root$folder/$slot");
        rename $file, "../$file" or cannot("cannot put $_ in place");
    }
    for (@{$index->{folders}}) { chdir $slots->{$_}[0] and chdir '..' and rmdir $slot }
    my ($removed, %gone) = ('');
    for (map { @{$_->{paths}} } @$earlier) {
        next if exists $index->{sum}{$_} or $gone{$_}++;
        $removed .= "removed $_\n" if take_out($_);
    }
    remove($_) for doomed($name);
    if ($new_script) {
        copy("$generations/$name/install.sh", "$home/.install.sh");
        chmod 0755, "$home/.install.sh";
        rename "$home/.install.sh", "$home/install.sh" or cannot('cannot keep install.sh');
    }
    put_right($name, $index);
    replace("$home/current", "$name $digest\n");
    put("$home/pending", '');
    return $removed;
}

# write_self NAME: the name of this host in the MATRIX, for bindings that ask who they are.
sub write_self {
    my ($name) = @_;
    put("$home/name", "$name\n") unless same(slurp("$home/name"), "$name\n");
    my $place = "$root/etc/dsas.d/self";
    return if same(slurp($place), "$name\n") and wrong('file', '0644', $place) eq '';
    refuse(64, 'there is a folder in the place of /etc/dsas.d/self') if -d $place and not -l $place;
    my $ours = enter('/etc/dsas.d', 1);
    return replace($place, "$name\n") if $ours;
    clear_slot($ours);
    enter_slot('/etc/dsas.d');
    put('self', "$name\n");
    rename 'self', '../self' or cannot("cannot put $place in place");
    chdir '..' and rmdir $slot;
}
