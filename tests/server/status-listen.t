# status_listen: the status, and whether the server is ready, are served when
# others hold all connections.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Prong;
use Prong::Process;

my $max = $ENV{PRONG_SOAK} ? 1000 : 30;
my $folder = folder('listen');
chmod 0777, $folder;
my $socket = "unix:$folder/status";

write_file('www/index.html', "hello\n");

sub serve {
	my ($settings) = @_;
	return start(config("status_listen = \"$socket\"; max_connections = "
	    . "$max; access_log = \"off\"; $settings\nsites = ( { routes = ( { "
	    . 'path = "/"; static = { root = "' . folder('www') . '"; }; }, { '
	    . 'path = "/status"; status = { }; } ); } );'));
}

sub ask_status {
	my ($daemon, $target) = @_;
	my $client = $daemon->connect($socket);
	my $answer = $client->request('GET', $target);
	$client->close;
	return $answer;
}

sub full {
	my ($daemon) = @_;
	my @silent = map { $daemon->connect } 1 .. $max;
	wait_until { $daemon->connections == $max } 'the server to be full';
	return @silent;
}

{
	my $daemon = serve('max_connections_per_client = 0; '
	    . 'head_timeout = "5 min"; queue_timeout = "5 min";');
	unlike($daemon->address, qr/unix/, 'the first address is another');
	my @silent = full($daemon);
	my $waiting = $daemon->connect;
	$waiting->send(Prong::request('GET', '/'));
	my $answer = ask_status($daemon, '/status');
	is($answer->{status}, 200, 'a full server shows its status');
	like($answer->{body}, qr/^connections .*\b$max\b/m, 'with the ceiling');
	# The one that asked before may still be there.
	wait_until {
		my $told = decode_json(ask_status($daemon,
		    '/status?format=json')->{body});
		return $max == grep { $_->{state} eq 'waiting' }
		    @{$told->{table}};
	} 'all connections in the table, and no other';
	pass('and each connection');
	is(ask_status($daemon, '/status?ready')->{status}, 200, 'it is ready');
	is(ask_status($daemon, '/')->{status}, 404, 'there is no other route');
	is(ask_status($daemon, '/status?format=events')->{status}, 204,
	    'no stream takes a place there');
	SKIP: {
		skip 'there is no curl', 1
		    if system 'curl --version >/dev/null 2>&1';
		like(scalar `curl -s --unix-socket $folder/status http://localhost/status`,
		    qr/^connections/m, 'curl shows it, too');
	}
	my $kept = $daemon->connect($socket);
	is($kept->request('GET', '/status')->{status}, 200,
	    'a connection there') for 1, 2;
	my @more = map { $daemon->connect($socket) } 1 .. 7;
	my $ninth = $daemon->connect($socket);
	$ninth->send(Prong::request('GET', '/status'));
	$kept->close;
	is($ninth->answer->{status}, 200, 'the ninth is served when another '
	    . 'has ended');
	$_->close for @more, $ninth;
	(pop @silent)->close;
	is($waiting->answer->{body}, "hello\n",
	    'connections to it take no place of others');
	$_->close for @silent, $waiting;
	is($daemon->stop, 0, 'the daemon stops');
	ok(!-e "$folder/status", 'and its socket has gone');
}

{
	my $daemon = serve('trusted_proxies = [ "unix:" ]; '
	    . 'proxy_protocol = true;');
	is(ask_status($daemon, '/status')->{status}, 200,
	    'no PROXY header is wanted there');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
