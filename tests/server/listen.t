# Where the daemon listens: IPv4, IPv6, Unix sockets, several at once.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::IP;
use Test::More;

use Prong;
use Prong::Process;

write_file('www/index.html', "hello\n");
my $sites = "access_log = \"off\";\n" . 'sites = ( { routes = ( { path = "/"; static = '
    . '{ root = "' . folder('www') . '"; }; } ); } );';
my $unix = 'unix:' . folder() . '/socket';
my $has_ipv6 = IO::Socket::IP->new(LocalHost => '::1', LocalPort => 0,
    Listen => 1);

sub body_from {
	my ($daemon, $address) = @_;
	return $daemon->connect($address)->request('GET', '/')->{body};
}

{
	my $daemon = start(config("listen = [ \"127.0.0.1:0\" ];\n$sites"));
	my @addresses = $daemon->addresses;
	is(scalar @addresses, 1, 'the daemon listens on one address');
	like($addresses[0], qr/\A127\.0\.0\.1:[1-9]\d*\z/,
	    'the log tells the port that the kernel chose for port 0');
	is(body_from($daemon, $addresses[0]), "hello\n", 'IPv4 is served');
	$daemon->stop;
}

SKIP: {
	skip 'IPv6 is not there', 3 unless $has_ipv6;
	my $daemon = start(config("listen = [ \"[::1]:0\" ];\n$sites"));
	like($daemon->address, qr/\A\[::1\]:[1-9]\d*\z/,
	    'an IPv6 address stands in brackets');
	is(body_from($daemon, $daemon->address), "hello\n", 'IPv6 is served');
	my ($port) = $daemon->address =~ /(\d+)\z/;
	my $other = start(config("listen = [ \"0.0.0.0:$port\" ];\n$sites"));
	is(body_from($other, "127.0.0.1:$port"), "hello\n",
	    'the same port of IPv4 is left to others');
	$other->stop;
	$daemon->stop;
}

# A link-local address, of whatever interface has one.
SKIP: {
	my ($link) = map { my @f = split; $f[3] eq '20' && ! (hex($f[4]) & 0x48)
	    ? join(':', unpack '(a4)8', $f[0]) . "%$f[5]" : () }
	    -r '/proc/net/if_inet6' ? split /\n/, read_file('/proc/net/if_inet6')
	    : ();
	skip 'no interface has a link-local address', 5 unless $link;
	my ($interface) = $link =~ /(%.*)/;
	my $daemon = start(config("listen = [ \"[$link]:0\" ];\n$sites"));
	like($daemon->address, qr/\A\[fe80:\S*\Q$interface\E\]:\d+\z/,
	    'the log names the interface');
	is(body_from($daemon, $daemon->address), "hello\n",
	    'a link-local address is served');
	is($daemon->prong('reload')->{status}, 0, 'and kept by a reload');
	is(body_from($daemon, $daemon->address), "hello\n", 'which serves');
	is($daemon->stop, 0, 'and the daemon stops');
}

{
	# So that the connection has a process with a title.
	my $daemon = start(config("listen = [ \"$unix\" ];\n$sites",
	    workers => 0));
	is($daemon->address, $unix, 'the log tells the path of a Unix socket');
	my $client = $daemon->connect($unix);
	is($client->request('GET', '/')->{body}, "hello\n",
	    'a Unix socket is served');
	my ($generation) = Prong::Process::children($daemon->pid);
	my ($connection) = Prong::Process::children($generation);
	like(Prong::Process::title($connection), qr/\Aprongd: unix/,
	    'its connections are titled so');
	my $mode = sprintf '%04o', (stat substr $unix, 5)[2] & 07777;
	is($mode, '0666', 'whoever reaches the folder may connect');
	$daemon->stop;
}

{
	my @listen = ('127.0.0.1:0', '127.0.0.2:0', $unix,
	    $has_ipv6 ? '[::1]:0' : ());
	my $list = join ', ', map { "\"$_\"" } @listen;
	my $daemon = start(config("listen = [ $list ];\n$sites"));
	my @addresses = $daemon->addresses;
	is(scalar @addresses, scalar @listen, 'there can be several listeners');
	is(join(' ', map { body_from($daemon, $_) } @addresses),
	    join(' ', map { "hello\n" } @listen), 'each is served');
	my @clients = map { $daemon->connect($_) } @addresses;
	is(join(' ', map { $_->request('GET', '/')->{status} } @clients),
	    join(' ', map { 200 } @listen), 'also all at once');
	is($daemon->stop, 0, 'the daemon stops');
	my @left = grep { eval { $daemon->connect($_) } } @addresses;
	is_deeply(\@left, [], 'nobody listens any more');
}

{
	my $daemon = start(config("listen = [ \"$unix\" ];\n$sites"), '-l',
	    '127.0.0.1:0', '-l', '127.0.0.3:0');
	my @addresses = $daemon->addresses;
	is(scalar @addresses, 2, '-l may be repeated');
	is(body_from($daemon, $addresses[1]), "hello\n", 'and is served');
	ok(!-e substr($unix, 5), 'instead of what the configuration says');
	$daemon->stop;
}

done_testing;
