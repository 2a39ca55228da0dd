# Each response has a line in the access log and is counted, also one that is not
# sent by a handler that returns: crashes, time limits, refusals, and requests in
# which a handler ends its process.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use Prong;
use Prong::Act;
use Prong::Hostile;
use Prong::Process;

write_file('www/index.html', "hello\n");
my $plugins = Prong::Act::plugin_folder('extreme', 'hostile');
my $log = folder('logs') . '/access';
my $stamp = qr{\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]};

sub serve {
	my ($settings) = @_;
	unlink $log;
	return start(config("plugin_dir = \"$plugins\";\naccess_log = \"$log\";\n"
	    . "$settings\nsites = ( { routes = ( { path = \"/\"; static = { root"
	    . ' = "' . folder('www') . '"; }; }, { path = "/extreme"; extreme = '
	    . '{ }; max_request_time = "2 s"; }, { path = "/hostile"; hostile = { '
	    . 'own = "' . folder('own') . '"; }; max_request_time = "2 s"; },'
	    . ' { path = "/status"; status = { }; } ); } );'));
}

sub lines_of_log {
	return grep { !m{/status} } -e $log ? split /\n/, read_file($log) : ();
}

sub counts {
	my ($daemon) = @_;
	return decode_json($daemon->get('/status?format=json')->{body});
}

# A request, its line behind the time, with the LENGTH of the content, and what
# the error log has to say.
my @cases = (
	[ '/extreme?do=null', '"GET /extreme?do=null HTTP/1.1" 500 LENGTH',
	    qr/handler extreme of route \/extreme crashed: SIGSEGV/ ],
	[ '/extreme?do=sleep', '"GET /extreme?do=sleep HTTP/1.1" 503 LENGTH',
	    qr/handler extreme of route \/extreme took more than max_request_time/ ],
	[ '/hostile?do=exit&with=1', '"GET /hostile?do=exit&with=1 HTTP/1.1" 500 -',
	    qr/was ended by its handler \w+, with status 1/ ],
	[ '/hostile?do=exit&with=0', '"GET /hostile?do=exit&with=0 HTTP/1.1" 500 -',
	    qr/was ended by its handler \w+, with status 0/ ],
	# The status of a connection that is handed off.
	[ '/hostile?do=exit&with=7', '"GET /hostile?do=exit&with=7 HTTP/1.1" 500 -',
	    qr/was ended by its handler \w+, with status 7/ ],
	[ '/hostile?do=ignore_and_crash', '"GET /hostile?do=ignore_and_crash HTTP/1.1" 500 -',
	    qr/was ended by signal \d+ \(.*\) in the handler hostile/ ],
	[ '/hostile?do=kill_itself&with=9', '"GET /hostile?do=kill_itself&with=9 HTTP/1.1" 500 -',
	    qr/was ended by signal 9 \(Killed\) in the handler hostile/ ],
	[ '/hostile?do=close_and_crash', '"GET /hostile?do=close_and_crash HTTP/1.1" 500 -',
	    qr/handler hostile of route \/hostile crashed/ ],
);

{
	my $daemon = serve('crash_penalty = "0 s"; max_crashes = 0;');
	my $errors = 0;
	for my $case (@cases) {
		my ($target, $line, $reason) = @$case;
		my $before = () = lines_of_log();
		my $client = $daemon->connect;
		$client->send("GET $target HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
		my (undef, $content) = split /\r\n\r\n/, $client->rest, 2;
		$line =~ s/LENGTH/length $content/e;
		$client->close;
		wait_until { lines_of_log() > $before } "a line for $target";
		my @new = lines_of_log();
		splice @new, 0, $before;
		is(scalar @new, 1, "$target has one line");
		like($new[0], qr/\A127\.0\.0\.1 - - $stamp \Q$line\E( "-" "-")?\z/,
		    'which says so');
		$daemon->wait_log($reason);
		pass('and the error log names the handler');
		$errors++;
		is(counts($daemon)->{responses}{'5xx'} // counts($daemon)->{responses}[5],
		    $errors, 'it is counted');
	}
	is($daemon->stop, 0, 'the daemon stops');
}

# What nobody has read.
{
	# The first client keeps its place: who gets that, and sends nothing, has
	# head_timeout and no response. The others send nothing, so each is accepted
	# after a second, and all come at once.
	my $daemon = serve('max_connections_per_client = 1; '
	    . 'idle_timeout = "10 min";');
	my $first = $daemon->connect;
	$first->request('GET', '/');
	my $second = $daemon->connect;
	my ($head, $content) = split /\r\n\r\n/, $second->rest, 2;
	like($head, qr{\AHTTP/1\.1 503 }, 'a client at its ceiling gets 503');
	my $length = length $content;
	cmp_ok($length, '>', 0, 'with content');
	wait_until { grep { / 503 / } lines_of_log() } 'a line for the refusal';
	like((grep { / 503 / } lines_of_log())[0],
	    qr/\A127\.0\.0\.1 - - $stamp "-" 503 $length( "-" "-")?\z/,
	    'whose line says what is known');
	my @more = map { $daemon->connect } 1 .. 300;
	is(scalar(grep { $_->rest =~ m{\AHTTP/1\.1 503 } } @more), 300,
	    'each of 300 more is refused, though it sends nothing');
	$_->close for @more;
	$first->close;
	# The place of the first is free a moment later.
	my ($refused, $refusals) = (0, 301);
	wait_until { $daemon->get('/')->{status} == 200 || !++$refusals }
	    'a place';
	wait_until {
		my $sum = $refused = grep { / 503 / } lines_of_log();
		$sum += $_ for $daemon->log =~ /: (\d+) more connections were refused/g;
		$sum == $refusals;
	} 'a line or a number for each refusal';
	cmp_ok($refused, '>=', 100, 'a hundred refusals in a second have lines, '
	    . 'and the others are a number');
	is($daemon->stop, 0, 'the daemon stops');
}

# Malformed heads, and a client that a penalty refuses.
{
	my $daemon = serve('max_crashes = 0; crash_penalty = "1 min";');
	for my $octets ("GET\r\n\r\n", "\x16\x03\x01", "GET / HTTP/1.1\r\n\r\n") {
		my $before = () = lines_of_log();
		my $client = $daemon->connect;
		$client->send($octets);
		$client->finish;
		$client->rest;
		wait_until { lines_of_log() > $before } 'a line';
		like((lines_of_log())[-1], qr/\A127\.0\.0\.1 - - $stamp "[^"]+" 400 /,
		    'a malformed head has a line');
	}
	for (1 .. 3) {
		my $client = $daemon->connect;
		$client->send("GET /extreme?do=null HTTP/1.1\r\nHost: h\r\n\r\n");
		$client->rest;
	}
	$daemon->wait_log(qr/is refused for/);
	my $answer = $daemon->get('/extreme?do=null');
	is($answer->{status}, 503, 'a punished client is refused');
	wait_until { grep { m{"GET /extreme\?do=null HTTP/1\.1" 503 } } lines_of_log() }
	    'a line for the penalty';
	pass('and the refusal has a line');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
