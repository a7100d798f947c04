# Whether a generation may be put in place here: its places, its signature, its fleet, its ancestors.

# check_places INDEX: what judges a generation, and what tells this host who it is, are out of its reach.
sub check_places {
    my ($index) = @_;
    for (@{$index->{paths}}, @{$index->{files}}) {
        refuse(63, "$_ is no place for a file of a generation")
            if m{^/(?:etc/dsas|var/lib/dsas|etc/dsas\.d/\.?self)(?:/|$)} or "/$_/" =~ m{/\.\.?/} or m{//};
    }
}

# said FOLDER: what manifest.json, which is what is signed, says of a generation: number, digest, the id of its fleet, and the
# sum of the file that names its ancestors; the latter two are empty where there is none.
sub said {
    my ($folder) = @_;
    my $manifest = slurp("$folder/manifest.json");
    my ($head) = defined $manifest && $manifest =~ /\A(.*?^  "digest": "[^\n]*",$)/ms;
    $head = '' unless defined $head;
    my ($number) = $head =~ /^  "generation": (.*),$/m;
    my ($digest) = $head =~ /^  "digest": "(.*)",$/m;
    my ($fleet) = $head =~ /^  "fleet": "(.*)",$/m;
    my ($lineage) = $head =~ /^  "lineage": "(.*)",$/m;
    return ($number, $digest, map { defined $_ ? $_ : '' } $fleet, $lineage);
}

# verdict FOLDER DIGEST NUMBER: why the generation in a folder may not be put in place here; empty where it may.
sub verdict {
    my ($folder, $digest, $number) = @_;
    my ($said_number, $said_digest) = said($folder);
    return "manifest.json is not that of generation $number"
        unless same($said_number, $number) and same($said_digest, $digest);
    return '' unless -e $signers or -l $signers;
    my ($tool) = grep { -x "$_/ssh-keygen" } split /:/, $ENV{PATH};
    return "this host has allowed_signers, but no ssh-keygen to check generation $number with" unless defined $tool;
    return "generation $number is not signed, and this host wants that ($signers)"
        unless -f "$folder/manifest.json.sig";
    my $words = 'ssh-keygen -Y verify -f "$1" -I matrix -n matrix -s "$2.sig" <"$2" >/dev/null 2>&1';
    my $status = system 'sh', '-c', $words, 'sh', $signers, "$folder/manifest.json";
    return $status ? "generation $number is not signed by one whom this host trusts ($signers)" : '';
}

# judged NAME DIGEST [FLEET]: whether the generation kept under that name may be in place, and is of that fleet.
sub judged {
    my ($name, $digest, $fleet) = @_;
    my ($number) = $name =~ /^(\d+)/;
    return 0 if defined $fleet and (said("$generations/$name"))[2] ne $fleet;
    return verdict("$generations/$name", $digest, $number) eq '';
}

sub author_of {
    my $manifest = slurp("$_[0]/manifest.json");
    return defined $manifest && $manifest =~ /^  "author": "(.*)",$/m ? $1 : '';
}

# kin GENERATION HERE DIGEST: whether `lineage` has the generation in force among the ancestors: yes, no (another of its
# number), or unknown (it does not go back so far). Each line stands for the number before, whatever it says, so that none is
# left out: "number digest", or of older ones the first digits of the digest.
sub kin {
    my ($generation, $here, $digest) = @_;
    return 'unknown' if $generation - $here > $reach;
    my $line = (split /\n/, slurp("$staging/lineage"))[$generation - $here - 1];
    return 'unknown' unless defined $line;
    my $ancestor = (split / /, $line)[-1];
    return defined $ancestor && length $ancestor >= 8 && index($digest, $ancestor) == 0 ? 'yes' : 'no';
}

# check_lineage: a generation may follow the one in force if both are of one fleet, and that is among its ancestors. One that is
# of no fleet yet, since the program that made it knew of none, may also be older than all ancestors that are named.
sub check_lineage {
    my ($generation, $wanted, $name, $digest, $fleet) = @_;
    my ($here, $short) = $name =~ /^(\d+)-(.*)$/;
    my $own = (said("$generations/$name"))[2];
    my $verdict = '';
    if ($own ne '' and $fleet ne $own) {
        $verdict = 'fleet';
    }
    elsif ($generation < $here) {
        $verdict = 'newer';
    }
    elsif ($generation == $here) {
        $verdict = 'stranger' if $wanted ne $digest;
    }
    else {
        my $kin = kin($generation, $here, $digest);
        $verdict = 'stranger' unless $kin eq 'yes' or $kin eq 'unknown' and $own eq '';
    }
    return if $verdict eq '';
    my $mine = "generation $here ($short, by " . author_of("$generations/$name") . ')';
    my $theirs = "generation $generation (" . substr($wanted, 0, 12) . ', by ' . author_of($staging) . ')';
    refuse(60, "this host has $mine, newer than $theirs") if $verdict eq 'newer';
    refuse(61, "two origins: this host has $mine, which is no ancestor of $theirs") if $verdict eq 'stranger';
    $mine .= ' of fleet ' . substr $own, 0, 12;
    refuse(61, "no fleet: this host has $mine, and $theirs names none") if $fleet eq '';
    refuse(61, "another fleet: this host has $mine, and $theirs is of fleet " . substr $fleet, 0, 12);
}
