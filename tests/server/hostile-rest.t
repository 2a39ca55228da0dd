# A handler that writes into what people look at: the status page. Its own row
# shows what it likes, in printable characters.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Prong;
use Prong::Hostile;

my $abi = Prong::Hostile::landlock_abi();

# Texts that a terminal obeys, or that pretend to be another line.
my %texts = (
	'an escape sequence' => "\e]0;title\a\e[31m",
	'controls beyond ASCII' => "\xc2\x9b31m\xc2\x85\xc2\x9d0;t\xc2\x9c",
	'the same as single octets' => "\x9b31m\x85\x9d",
	'marks of direction' => "\xe2\x80\xae\xe2\x81\xa6\xd8\x9c\xe2\x80\xa8",
	'broken UTF-8' => "\xed\xa0\x80\xf5\xc0\x80\xe2\x80",
	'another row' => "\n   1  handling  0:0  1  static  127.0.0.1:1  GET",
	'another column' => 'static  127.0.0.1:1  GET /',
	'the end of a string' => '"},{"pid":1,"client":"\\',
	'a page' => '</pre><script>alert(1)</script>',
	'a format' => '%-s%-n%-1000d',
);

# A form of the page, once connections that have ended have left it.
sub page {
	my ($world, $form, $rows) = @_;
	my $now = $form eq 'json' ? qr{"connections":\{"now":(\d+)}
	    : qr{^connections +(\d+) now}m;
	return wait_until {
		my $page = $world->{daemon}->get("/status?format=$form");
		$page->{body} =~ $now && $1 == $rows ? $page->{body} : undef;
	} "$rows rows";
}

# All that shows connections.
sub check_page {
	my ($world, $name, $rows) = @_;
	my $text = page($world, 'text', $rows);
	like($text, qr/\A[\n\x20-\x7e]*\z/, "$name: text is printable ASCII");
	my ($table) = $text =~ /^ +pid .*\n((?:.*\n)*)\z/m;
	is(scalar(() = $table =~ /\n/g), $rows, 'with a line for each row');
	is(scalar(grep { !/\A {0,7}\d+  \S+ +(\d+d )?[\d:]{8} +\d+  \S* +\S+ +\S/
	    } split /\n/, $table), 0, 'and its columns');
	my $json = page($world, 'json', $rows);
	unlike($json, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|<
	    |\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c/x,
	    "$name: JSON has no controls");
	ok(utf8::decode(my $copy = $json), 'it is UTF-8');
	my $status = eval { decode_json($json) } || { table => [] };
	is(scalar @{$status->{table}}, $rows, 'and JSON, with all rows');
	return;
}

# Shows what one or several of them have written, while they stay.
sub look_at {
	my ($world, $name, @deeds) = @_;
	my @sent = map { $world->send($_->[0], with => $_->[1]) } @deeds;
	for my $sent (@sent) {
		my $client = $sent->{client};
		until ($client->{got} =~ /^\.\r?$/m) {
			$client->fill or die "no row: $client->{got}";
		}
	}
	my @wrong = $world->honest;
	check_page($world, $name, @sent + 2);
	$_->{client}->close for @sent;
	$world->settle;
	push @wrong, $world->noticed;
	is("@wrong", '', "$name: others notice nothing");
	return;
}

sub try_world {
	my ($mode, %how) = @_;
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    $mode eq 'abi2' ? (abi => 2) : (), %how);
	my $title = $how{user} ? "$mode, an ordinary user's" : $mode;
	look_at($world, "$title: every octet",
	    map { [ 'paint_page', $_ * 31 ] } 0 .. 8);
	look_at($world, "$title: $_", [ 'write_page', $texts{$_} ])
	    for sort keys %texts;
	is($world->stop, 0, "$title: the daemon stops");
	return;
}

try_world('on') if $abi >= 6;
try_world('abi2') if $abi >= 2;
try_world('off');
try_world('on', user => 65534)
    if running_as_root && !system 'setpriv --version >/dev/null 2>&1';

done_testing;
