# A connection whose requests go to routes with different rules goes on in
# another process: no octet is lost on the way, however many were read ahead.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;

use Prong;

write_file('www/a.txt', "a\n");
my $www = folder('www');
my $config = config(<<"CONF");
{ path = "/echo"; echo = { }; }, { path = "/"; static = { root = "$www"; }; }
CONF

# A request at one route, one at another behind it, and one at the first.
sub three {
	my ($head, $body) = @_;
	my @fields = map { 'X:' . 'p' x 997 } 1 .. $head / 1000;
	return request('GET', '/a.txt') . request('POST', '/echo',
	    \@fields, 'y' x $body) . request('GET', '/a.txt',
	    ['Connection: close']);
}

sub shown {
	return join ' ', map { "$_->{status}:" . length $_->{body} } @_;
}

my $daemon = start($config);
for my $head (0, 8000, 20000, 31000) {
	for my $body (10, 30000, 60000, 73728, 200000) {
		my $octets = three($head, $body);
		my $client = $daemon->connect;
		$client->send($octets);
		is(shown(responses($client->rest)), "200:2 200:$body 200:2",
		    "a head of $head, a body of $body octets");
		is(shown(responses(once($config, $octets))),
		    "200:2 200:$body 200:2", 'and with --once');
	}
}
is($daemon->stop, 0, 'the daemon stops');
done_testing;
