# The end of a line in the error log, from which other programs take the client:
# it is there whatever a message says, and nothing before it looks like it.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::UNIX;
use Test::More;

use Prong;
use Prong::Act;

write_file('www/a.txt', "a\n");

# As a program would read it: the first place that looks like the end.
sub client_of {
	my ($line) = @_;
	return $line =~ / \((\S+) ".*"\)$/ ? $1 : undef;
}

my $daemon = start(act_config(''));
my $fake = '(192.0.2.1:7 "GET / HTTP/1.1")';

# Messages, and what of them is in the line.
my @messages = (
	[ 'plain', qr/ of \/act: plain, id \w{32} \(/ ],
	[ 'with (brackets) and "quotes"',
	    qr/: with \(brackets\) and "quotes", id \w{32} \(/ ],
	[ "x $fake", qr/: x \[192\.0\.2\.1:7 "GET/ ],
	[ " $fake $fake $fake ", qr/\[192.*\[192.*\[192/ ],
	[ ' (( (192.0.2.1:7 "', qr/\(\( \[192/ ],
	[ ' (unix: "GET / HTTP/1.1")', qr/ \[unix: "/ ],
	[ ' ( "x")', qr/ \[ "x/ ],
	[ "x\n2026-01-01 00:00:00 prongd[1]: error: x $fake",
	    qr/\\x0a2026.*\[192/ ],
	# What would take the end out of the line.
	[ ('x' x 1300) . " $fake", qr/x{900}/ ],
	[ "\xe9" x 700 . " $fake", qr/(?:\\xe9){200}/ ],
	[ "\n" x 1022, qr/(?:\\x0a){200}/ ],
	[ "$fake " x 60, qr/\[192/ ],
	[ (' (' x 300) . "1.2.3.4:5 \"", qr/\[1\.2\.3\.4:5/ ],
);
for (@messages) {
	my ($message, $shown) = @$_;
	my $from = length $daemon->log;
	my $client = $daemon->connect;
	my $port = $client->socket->sockport;
	$client->request('GET', Prong::Act::steps("log $message"));
	$client->close;
	my $line = wait_until {
		substr($daemon->log, $from) =~
		    /^(.* act of (?!\S+ child).*127\.0\.0\.1:$port.*)\n/m
		    ? $1 : undef;
	} 'the line';
	my $name = length $message > 40 ? 'a long message' : $message =~ s/\n/ /gr;
	is(client_of($line), "127.0.0.1:$port", "$name: the client");
	like($line, $shown, 'and the message');
	like($line, qr/\A[\x20-\x7e]*"\)\z/, 'in one line with its end');
}

# A client whose socket has a path of its own choice.
{
	my $log = folder('log');
	my $listen = folder() . '/socket';
	my $name = folder() . '/x (192.0.2.1:7 "GET * HTTP1.1")' . "\e[31m";
	my $unix = start(act_config("listen = [ \"unix:$listen\" ]; "
	    . "access_log = \"$log/access\";"));
	my $socket = IO::Socket::UNIX->new(Local => $name, Peer => $listen)
	    or die "$listen: $!";
	$socket->print("GET " . Prong::Act::steps('log it')
	    . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
	my $all = join '', $socket->getlines;
	like($all, qr/\AHTTP\/1.1 /, 'a client with such a name is answered');
	my $shown = qr{unix:\S+/x\?\?192\.0\.2\.1:7\?\?GET\?\*\?HTTP1\.1\?\?\?\[31m};
	my $line = $unix->wait_log(qr/^(.* act of \S+ it, .*)$/m);
	like(client_of($line) // $line, qr/\A$shown\z/, 'its name is a word in '
	    . 'the error log');
	is($unix->stop, 0, 'the daemon stops');
	unlike(read_file("$log/access"), qr/192\.0\.2\.1:7 /, 'nor does the access '
	    . 'log have it as a client');
}

# A long target.
{
	my $client = $daemon->connect;
	my $port = $client->socket->sockport;
	$client->request('GET', Prong::Act::steps('log ' . "\xff" x 400)
	    . '&more=' . '~' x 3000);
	my $line = $daemon->wait_log(qr/^(.*\\xff.*)$/m);
	is(client_of($1 // $line), "127.0.0.1:$port", 'a long target: the client');
	$client->close;
}
is($daemon->stop, 0, 'the daemon stops');

done_testing;
