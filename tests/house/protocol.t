# What two releases must agree upon, so that one can take over from the other, has
# a number. What is agreed upon cannot change while the number stays.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Test::More;

# After a change: if a release has had this number, PROTOCOL_NUMBER rises
# (src/handover/protocol.h). This line has the number and what it now stands for.
my $agreed = '5 909237df217234a5';

sub text {
	my ($path) = @_;
	open my $file, '<', "$ENV{PRONG_SRCDIR}/src/$path"
	    or die "$path: $!";
	local $/;
	return <$file> =~ s{/\*.*?\*/}{}gsr =~ s/\s+/ /gr;
}

# The part of the file that the pattern captures.
sub part {
	my ($path, $pattern) = @_;
	my ($part) = text($path) =~ $pattern or die "$path: no $pattern";
	return $part;
}

# The keywords and formats of lines in the state of a master.
sub lines {
	my ($path) = @_;
	return map { join ' ', /MANIFEST_\w+|"[^"]*"/g }
	    text($path) =~ /(manifest_(?:printf|write)\([^;]*MANIFEST_[^;]*);/g;
}

my @agreement = (
	part('handover/protocol.c', qr/forms\[PROTOCOL_KINDS\] = (.*?\}, \};)/),
	grep({ /\bU \}/ } part('handover/manifest.c',
	    qr/entries\[MANIFEST_KEYWORDS\] = \{(.*?\}, )\};/)
	    =~ /(\[\w+\] = \{.*?\})/g),
	part('base/totals.h', qr/enum total (\{.*?\})/),
	map { lines($_) } qw(master/master_state.c master/control.c
	    handover/snapshot.c));
my $number = part('handover/protocol.h', qr/define PROTOCOL_NUMBER (\d+)/);
cmp_ok(scalar @agreement, '>', 30, 'there is something to agree upon');
is("$number " . substr(sha256_hex(join "\n", @agreement), 0, 16), $agreed,
    'the number of the protocol rises with each change of what it stands for')
    or diag join "\n", @agreement;
done_testing;
