# check_places INDEX: what judges a generation, and what tells this host who it is, are out of its reach.
sub check_places {
    my ($index) = @_;
    for (@{$index->{paths}}, @{$index->{files}}) {
        refuse(63, "$_ is no place for a file of a generation")
            if m{^/(?:etc/dsas|var/lib/dsas|etc/dsas\.d/\.?self)(?:/|$)} or "/$_/" =~ m{/\.\.?/} or m{//};
    }
}

# verdict FOLDER DIGEST NUMBER: why the generation in a folder may not be put in place here; empty where it may.
sub verdict {
    my ($folder, $digest, $number) = @_;
    my $manifest = slurp("$folder/manifest.json");
    $manifest = '' unless defined $manifest;
    my ($said_number) = $manifest =~ /^  "generation": (.*),$/m;
    my ($said_digest) = $manifest =~ /^  "digest": "(.*)",$/m;
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

sub judged {
    my ($name, $digest) = @_;
    my ($number) = $name =~ /^(\d+)/;
    return verdict("$generations/$name", $digest, $number) eq '';
}

sub author_of {
    my $manifest = slurp("$_[0]/manifest.json");
    return defined $manifest && $manifest =~ /^  "author": "(.*)",$/m ? $1 : '';
}

# check_lineage: a generation may follow the one in force if that is among its ancestors, or older than all ancestors that
# it names.
sub check_lineage {
    my ($generation, $wanted, $name, $digest) = @_;
    my ($here, $short) = $name =~ /^(\d+)-(.*)$/;
    my $status = 0;
    if ($generation < $here) {
        $status = 60;
    }
    elsif ($generation == $here) {
        $status = 61 if $wanted ne $digest;
    }
    else {
        my $lineage = slurp("$staging/lineage");
        for (split /\n/, $lineage) {
            my ($number, $ancestor) = split / /;
            next unless $number eq $here;
            $status = 61 if $ancestor ne $digest;
            last;
        }
    }
    return unless $status;
    my $mine = "generation $here ($short, by " . author_of("$generations/$name") . ')';
    my $theirs = "generation $generation (" . substr($wanted, 0, 12) . ', by ' . author_of($staging) . ')';
    refuse(60, "this host has $mine, newer than $theirs") if $status == 60;
    refuse(61, "two origins: this host has $mine, which is no ancestor of $theirs");
}
