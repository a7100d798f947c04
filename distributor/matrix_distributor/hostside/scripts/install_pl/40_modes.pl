# Compares kind, owner and mode of what is in place with what an install makes.
#
# What is in place has a kind, an owner and a mode besides its bytes.

# boss: whose all is that an install makes, user and group: root's, but below a root of one's own.
sub boss {
    return (0, 0) if $root eq '' or $> == 0;
    return ($>, $) + 0);
}

# own_things NAME INDEX: what an install makes besides the files in place of the generation NAME: [KIND, MODE, PATH] of each.
sub own_things {
    my ($name, $index) = @_;
    my @all = (['folder', '0755', '/etc/dsas.d'], ['file', '0644', '/etc/dsas.d/self']);
    push @all, map { ['folder', '0755', "/var/lib/dsas$_"] } '', '/generations', "/generations/$name";
    push @all, ['file', '0644', '/var/lib/dsas/current'], ['file', '0755', '/var/lib/dsas/install.sh'];
    my $kept = "/var/lib/dsas/generations/$name";
    push @all, map { ['file', '0644', "$kept/$_"] } 'index', 'lineage', 'manifest.json';
    push @all, map { ['file', $index->{mode}{$_}, "$kept/" . file_of($_)] } sort keys %{$index->{mode}};
    return @all;
}

# mounts: the places where something is mounted.
sub mounts {
    my %at;
    my $table = slurp('/proc/self/mountinfo');
    for (split /\n/, defined $table ? $table : '') {
        my $place = (split / /)[4];
        next unless defined $place;
        $place =~ s/\\([0-7]{3})/chr oct $1/ge;
        $at{$place} = 1;
    }
    return \%at;
}

# wrong KIND MODE NAME [PLACE MOUNTS]: how what stands under a name differs from a file or folder of that mode; empty where it does
# not. A folder may be a link of root's to one.
sub wrong {
    my ($kind, $mode, $name, $place, $mounts) = @_;
    my @is = lstat $name;
    return "$!" =~ /^Permission/ ? 'cannot be looked at' : 'missing' unless @is;
    return '' if $kind eq 'folder' and -l _;
    my $found = -l _ ? 'link' : -d _ ? 'folder' : -f _ ? 'file' : '';
    return $found ? "a $found instead of a $kind" : 'neither file nor folder' if $found ne $kind;
    my ($bits, $owner, $boss) = (sprintf('%04o', $is[2] & 07777), "$is[4]:$is[5]", join ':', boss());
    my @why;
    push @why, "mode $bits, should be $mode" if $bits ne $mode;
    push @why, "owner $owner, should be $boss" if $owner ne $boss;
    push @why, 'something is mounted on it' if $mounts and $mounts->{$place};
    return join ', ', @why;
}

# wrongs INDEX NAME: of each path that an install of a generation makes, how it differs in kind, mode or owner: [PATH, WORDS] of all,
# those of the index first.
sub wrongs {
    my ($index, $name) = @_;
    my ($mounts, $here, $entered, @all) = (mounts(), '');
    for (@{$index->{paths}}) {
        my ($folder, $file) = apart($_);
        ($here, $entered) = ($folder, eval { enter($folder) }) if $here ne $folder;
        my $why = defined $entered ? wrong('file', $index->{mode}{$_}, $file, "$root$_", $mounts)
            : $@ || -d "$root$folder" ? 'cannot be looked at' : 'missing';
        push @all, [$_, $why];
    }
    chdir '/';
    push @all, map { [$_->[2], wrong($_->[0], $_->[1], "$root$_->[2]", "$root$_->[2]")] } own_things($name, $index);
    return @all;
}

# own: gives a file that was just made in the working folder its owner, where that folder has made it another group's.
sub own {
    my ($name) = @_;
    my (@is, @boss) = lstat $name;
    @boss = boss();
    return if $is[4] == $boss[0] and $is[5] == $boss[1];
    chown @boss, $name or cannot("cannot set the owner of $name");
}

# put_right NAME INDEX: gives what an install does not make anew the owner and mode that it has to have.
sub put_right {
    my ($name, $index) = @_;
    for (own_things($name, $index)) {
        my ($kind, $mode, $path) = @$_;
        my ($folder, $file) = apart($path);
        # Where somebody else can change the folder, another thing may stand there by the next step.
        next unless eval { enter($folder) } and (my $why = wrong($kind, $mode, $file)) =~ /^(?:mode|owner)/;
        chown boss(), $file and chmod oct $mode, $file or refuse(64, "$root$path: $why, and cannot be set");
    }
    chdir '/';
}
