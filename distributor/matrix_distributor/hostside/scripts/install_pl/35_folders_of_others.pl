# Puts files into folders that others can change.
#
# A folder that files are put into may be somebody else's, who can put anything in the place of anything there, at any moment.
# So a folder is entered step by step, and all that is done in it is done by names within the folder that was entered.

# closed STAT: whether root and who installs are the only ones that can change what stands in a folder. Where it has an access
# list, the bit of the group is set for whoever may write.
sub closed {
    my (undef, undef, $mode, undef, $uid) = @_;
    return (($uid == 0 or $uid == $>) and not $mode & 022);
}

sub one {
    my ($these, $those) = @_;
    return (@$these and @$those and $these->[0] == $those->[0] and $these->[1] == $those->[1]);
}

# enter FOLDER [MAKE]: makes it the working folder. Gives whether it and all above it are closed; undef where there is none.
sub enter {
    my ($folder, $make) = @_;
    my ($ours, $links, @steps) = (1, 0, split m{/+}, $folder);
    chdir($root eq '' ? '/' : $root) or cannot("cannot enter $root/");
    while (defined(my $step = shift @steps)) {
        next if $step eq '';
        my @seen = lstat $step;
        if (not @seen) {
            return undef unless $make;
            mkdir $step, 0755 or cannot("cannot make $root$folder");
            @seen = lstat $step;
        }
        if (-l _) {
            refuse(64, "on the way to $root$folder $step is a link that somebody else than root can change: "
                    . 'name the folder itself in bindings.files') unless $ours;
            refuse(64, "there are too many links on the way to $root$folder") if ++$links > 20;
            my $to = readlink $step;
            unshift @steps, split m{/+}, $to;
            chdir '/' or cannot('cannot enter /') if $to =~ m{^/};
            next;
        }
        unless (chdir $step) {
            return undef unless $make;
            cannot("cannot make $root$folder");
        }
        my @now = stat '.';
        refuse(64, "$root$folder changes while files are put there") unless one(\@seen, \@now);
        $ours &&= closed(@now) ? 1 : 0;
    }
    return $ours;
}

# enter_slot FOLDER: a new slot in the working folder, which is entered; nobody else can reach what is put there.
sub enter_slot {
    my ($folder) = @_;
    my @here = stat '.';
    mkdir $slot, 0700 or cannot('cannot make folders beside the files');
    chdir $slot or cannot("cannot enter $root$folder/$slot");
    my @now = stat '.';
    my @above = stat '..';
    refuse(64, "$root$folder/$slot is changed by somebody else while files are put there")
        if $now[4] != $> or $now[2] & 077 or not one(\@here, \@above) or entries('.');
}

# clear_slot OURS: removes from the working folder what an install that was cut off left.
sub clear_slot {
    my ($ours) = @_;
    my @seen = lstat $slot or return;
    return remove($slot) if $ours or not -d _;
    opendir my $here, '.' or cannot('cannot read a folder where files are put');
    if ($seen[4] == $> and not $seen[2] & 077 and chdir $slot) {
        my @now = stat '.';
        if (one(\@seen, \@now)) { unlink for entries('.') }
        chdir $here or cannot('cannot go back to a folder where files are put');
    }
    # What somebody else put there goes out of the way as it is.
    rmdir $slot or rename $slot, "$slot-$$-" . time or cannot("cannot remove $slot");
}

# apart PATH: folder and name.
sub apart {
    return $_[0] =~ m{^(.*)/(.*)$}s;
}

# alike FOLDER NAME KEPT: whether what stands in a folder of somebody else is a file with the content of the one that is kept.
sub alike {
    my ($folder, $name, $kept) = @_;
    defined enter($folder) or return 0;
    require Fcntl; # nothing that waits for a writer, and no link
    my $how = Fcntl::O_RDONLY() | Fcntl::O_NOFOLLOW() | Fcntl::O_NONBLOCK();
    sysopen my $in, $name, $how or return 0;
    open my $mine, '<:raw', $kept or return 0;
    return 0 unless -f $in and (-s $in || 0) == (-s $mine || 0);
    my ($there, $here);
    while (my $count = read $mine, $here, $piece) {
        return 0 unless $count == (read $in, $there, $count) and $here eq $there;
    }
    return 1;
}

# standing INDEX: by path, the file whose sum is that of what is in place; none where something else is. Where somebody else can
# change the folder, that is the file that is kept, if what is in place is alike.
sub standing {
    my ($index) = @_;
    my (%ours, %file);
    for my $path (@{$index->{paths}}) {
        my ($folder, $name) = apart($path);
        $ours{$folder} = eval { enter($folder) } unless exists $ours{$folder};
        if ($ours{$folder}) {
            $file{$path} = "$root$path";
        }
        elsif (defined $ours{$folder}) {
            my $kept = "$index->{kept}/root$path";
            $file{$path} = $kept if eval { alike($folder, $name, $kept) };
        }
    }
    chdir '/';
    return \%file;
}
