# fill SOURCE INDEX HELD: a copy of every file of a generation beside its place. Nothing of it is in force yet.
sub fill {
    my ($source, $index, $held) = @_;
    for my $folder (@{$index->{folders}}) {
        make_folder("$root$folder", 0755);
        mkdir "$root$folder/$slot", 0700 or cannot('cannot make folders beside the files');
    }
    for my $path (@{$index->{paths}}) {
        refuse(64, "there is a folder in the place of $path") if -d "$root$path";
        copy("$source/root$path", beside($path));
        dress(beside($path), @{$held->{"root$path"}});
    }
}

sub beside {
    my ($folder, $file) = $_[0] =~ m{^(.*)/(.*)$}s;
    return "$root$folder/$slot/$file";
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
    remove("$root$_/$slot") for @{$index->{folders}}, map { @{$_->{folders}} } @$earlier;
    fill("$generations/$name", $index, $held);
    to_disk("$home/pending", "$generations/$name/index", map { beside($_) } @{$index->{paths}});
    for (@{$index->{paths}}) {
        rename beside($_), "$root$_" or cannot("cannot put $_ in place");
    }
    rmdir "$root$_/$slot" for @{$index->{folders}};
    my ($removed, %gone) = ('');
    for (map { @{$_->{paths}} } @$earlier) {
        next if exists $index->{sum}{$_} or $gone{$_}++ or not(-f "$root$_" or -l "$root$_");
        remove("$root$_");
        $removed .= "removed $_\n";
    }
    remove($_) for doomed($name);
    if ($new_script) {
        copy("$generations/$name/install.sh", "$home/.install.sh");
        chmod 0755, "$home/.install.sh";
        rename "$home/.install.sh", "$home/install.sh" or cannot('cannot keep install.sh');
    }
    replace("$home/current", "$name $digest\n");
    put("$home/pending", '');
    return $removed;
}

# write_self NAME: the name of this host in the MATRIX, for bindings that ask who they are.
sub write_self {
    my ($name) = @_;
    return if same(slurp("$root/etc/dsas.d/self"), "$name\n");
    make_folder("$root/etc/dsas.d", 0755);
    replace("$root/etc/dsas.d/self", "$name\n");
}
