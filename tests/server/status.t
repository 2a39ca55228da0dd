# status: what the server does now, as text and as JSON.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP;
use Prong;
use Test::More;

my $config = config("{ path = \"/status\"; status = { }; },\n"
    . '{ path = "/"; echo = { }; }');

# Alone on standard input and output there is nobody who counts.
{
	my $text = get($config, '/status');
	is($text->{status}, 200, 'without a server there is an answer too');
	like($text->{body}, qr/nothing is counted/i, 'which says so');
	is($text->field('Cache-Control'), 'no-store', 'and is not kept');
	is($text->field('Vary'), 'Accept', 'it varies by Accept');
	my $json = get($config, '/status?format=json');
	is($json->field('Content-Type'), 'application/json', 'JSON is JSON');
	is_deeply(decode_json($json->{body}),
	    { counted => JSON::PP::false }, 'and says so as well');
}
my %types = (
	text => 'text/plain; charset=utf-8',
	json => 'application/json',
	prometheus => 'text/plain; version=0.0.4; charset=utf-8',
	openmetrics => 'application/openmetrics-text; version=1.0.0;'
	    . ' charset=utf-8',
);
my $prometheus = 'application/openmetrics-text;version=1.0.0,'
    . 'application/openmetrics-text;version=0.0.1;q=0.75,'
    . 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
my @forms = (
	[ '', undef, 'text', 'without a wish' ],
	[ '', '*/*', 'text', 'with any' ],
	[ '', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text',
	    'a browser' ],
	[ '', 'application/json', 'json', 'a program' ],
	[ '', 'application/json, text/plain, */*', 'json', 'another' ],
	[ '', 'text/plain, application/json;q=0.9', 'text', 'rather text' ],
	[ '?format=json', undef, 'json', 'by the query' ],
	[ '?format=text', 'application/json', 'text', 'by the query first' ],
	[ '?format=prometheus', $prometheus, 'prometheus', 'a form by name' ],
	[ '?format=openmetrics', undef, 'openmetrics', 'the other one' ],
	[ '?format=metrics', undef, 'prometheus', 'metrics' ],
	[ '?format=metrics', $prometheus, 'openmetrics', 'by Accept' ],
	[ '', $prometheus, 'openmetrics', 'by Accept alone' ],
	[ '/metrics', undef, 'prometheus', 'by the path' ],
	[ '/metrics', 'text/plain', 'prometheus', 'by the path, as text' ],
	[ '/metrics', $prometheus, 'openmetrics', 'by path and Accept' ],
	[ '/json', undef, 'json', 'by the path, JSON' ],
);
for (@forms) {
	my ($query, $accept, $form, $title) = @$_;
	is(get($config, "/status$query", defined $accept ? "Accept: $accept"
	    : ())->field('Content-Type'), $types{$form}, "$title: $form");
}
is(get($config, '/status?format=xml')->{status}, 400,
    'a form that there is not is refused');
is(ask($config, 'POST', '/status')->{status}, 405, 'nothing can be posted');
{
	my $answer = ask($config, 'OPTIONS', '/status?ready');
	is($answer->{status}, 200, 'OPTIONS is answered as GET');
	is($answer->{body}, "ready\n", 'with its content');
	is($answer->field('Allow'), 'GET, HEAD, OPTIONS', 'and the methods');
}

# A daemon.
my $daemon = start($config);

sub status {
	my ($client) = @_;
	my $answer = ($client || $daemon)->request('GET',
	    '/status?format=json');
	return decode_json($answer->{body});
}

{
	my $client = $daemon->connect;
	my $status = status($client);
	ok($status->{counted}, 'a daemon counts');
	like($status->{version}, qr/^\d+\.\d+/, 'the version');
	is($status->{pids}{master}, $daemon->pid, "the master's pid");
	ok($status->{pids}{generation} != $daemon->pid
	    && kill(0, $status->{pids}{generation}), "the generation's pid");
	is($status->{generation}{number}, 1, 'the first generation');
	cmp_ok(abs($status->{started} - time), '<', 300, 'when it started');
	cmp_ok($status->{uptime}, '<', 300, 'how long ago');
	is($status->{connections}{now}, 1, 'one connection now');
	cmp_ok($status->{connections}{max}, '>', 1, 'how many there may be');
	cmp_ok($status->{connections}{total}, '>=', 1, 'one in all');
	is($status->{connections}{crashed}, 0, 'none crashed');
	is($status->{connections}{refused}, 0, 'none refused');
	my ($me) = @{$status->{table}};
	is(scalar @{$status->{table}}, 1, 'the table has this one');
	is($me->{request}, 'GET /status?format=json HTTP/1.1',
	    'with its request');
	is($me->{handler}, 'status', 'its handler');
	is($me->{state}, 'handling', 'its state');
	is($me->{requests}, 1, 'the number of its requests');
	my $port = $client->socket->sockport;
	is($me->{client}, "127.0.0.1:$port", 'its client');
	ok($me->{pid} != $daemon->pid
	    && $me->{pid} != $status->{pids}{generation}, 'a pid of its own');
	is(status($client)->{table}[0]{pid}, $me->{pid},
	    'which stays for the next request');
	is(status($client)->{table}[0]{requests}, 3, 'which is counted');
	$client->close;
}

# Others are seen, and what they send is harmless.
{
	my $waiting = $daemon->connect;
	$waiting->request('GET', '/');
	my $sending = $daemon->connect;
	$sending->send(Prong::request('POST', '/"<\\%00?<script>',
	    [ 'Content-Length: 10' ]));
	my $status = Prong::wait_until(sub {
		my $s = status();
		return @{$s->{table}} == 3 && $s->{connections}{now} == 3
		    ? $s : undef;
	}, 'three connections in the table');
	my ($port) = $waiting->socket->sockport;
	my ($idle) = grep { $_->{client} =~ /:$port$/ } @{$status->{table}};
	ok($idle, 'an idle connection is in the table');
	isnt($idle->{state}, 'handling', 'it is handling nothing');
	$waiting->close;
	$sending->close;
	Prong::wait_until(sub { status()->{connections}{now} == 1 },
	    'connections to end');
	pass('connections that have ended are gone');
}
{
	my $client = $daemon->connect;
	$client->send(Prong::request('POST', '/x?"<script>\'\\~',
	    [ 'Content-Length: 10' ]));
	my $entry = eval {
		Prong::wait_until(sub {
			(grep { $_->{request} =~ /^POST/ }
			    @{status()->{table}})[0];
		}, 'a POST in the table');
	};
	SKIP: {
		skip 'that target is refused', 3 unless $entry;
		is($entry->{request}, 'POST /x?"<script>\'\\~ HTTP/1.1',
		    'JSON has the request as it was sent');
		my $json = $daemon->get('/status?format=json')->{body};
		unlike($json, qr/<script/, 'without what a page would run');
		unlike($daemon->get('/status')->{body}, qr/[^\n\x20-\x7e]/,
		    'text has printable ASCII only');
	}
	$client->close;
}
{
	$daemon->get('/');
	# Those that have ended are counted until their parent knows.
	my $text = Prong::wait_until(sub {
		my $answer = $daemon->get('/status');
		return $answer->{body} =~ /\b1 now\b/ ? $answer : undef;
	}, 'a connection to be alone');
	is($text->field('Content-Type'), 'text/plain; charset=utf-8',
	    'text is text');
	my $pid = $daemon->pid;
	like($text->{body}, qr/^prong \d/, 'text: the version');
	like($text->{body}, qr/^uptime +(\d+d )?\d\d:\d\d:\d\d$/m,
	    'text: the uptime');
	like($text->{body}, qr/^generation +1\b/m, 'text: the generation');
	like($text->{body}, qr/^processes .*\b$pid\b/m, 'text: the processes');
	like($text->{body}, qr/^connections .*\b1 now\b/m,
	    'text: the connections');
	like($text->{body}, qr/^responses /m, 'text: the responses');
	like($text->{body},
	    qr{^ *\d+  handling .* status .* GET /status HTTP/1\.1$}m,
	    'text: the connection itself');
}

# Counters are of what has ended.
{
	my $before = Prong::wait_until(sub {
		my $s = status();
		return $s->{connections}{now} == 1 ? $s : undef;
	}, 'connections to end');
	$daemon->get('/') for 1 .. 5;
	$daemon->get('/status?format=none') for 1 .. 3;
	my $after = Prong::wait_until(sub {
		my $s = status();
		return $s->{responses}{'4xx'} - $before->{responses}{'4xx'}
		    >= 3 && $s->{responses}{'2xx'}
		    - $before->{responses}{'2xx'} >= 5 ? $s : undef;
	}, 'the counters');
	cmp_ok($after->{requests} - $before->{requests}, '>=', 8,
	    'requests are counted');
	cmp_ok($after->{bytes}{sent}, '>', $before->{bytes}{sent},
	    'octets sent are counted');
	cmp_ok($after->{bytes}{received}, '>', $before->{bytes}{received},
	    'octets received are counted');
	is($after->{responses}{'4xx'} - $before->{responses}{'4xx'}, 3,
	    'responses are counted by class');
}
is($daemon->stop, 0, 'the daemon ends well');

done_testing;
