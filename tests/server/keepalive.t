# How long a connection lives: keep-alive, pipelining, and who closes when.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/a.txt', "a\n");
write_file('www/big', lines(300000));
my $config = act_config(<<'CONF', <<'ROUTES');
head_timeout = "2 s"; idle_timeout = "1500 ms"; access_log = "off";
CONF
{ path = "/three"; max_requests = 3; act = { }; },
{ path = "/patient"; idle_timeout = "30 s"; act = { }; }
ROUTES
my $daemon = start($config);

# Version, fields: the answer's Connection, and whether the connection lives.
for my $case (
	['1.1', '', undef, 1],
	['1.1', 'Connection: keep-alive', undef, 1],
	['1.1', 'Connection: close', 'close', 0],
	['1.1', 'Connection: CLOSE', 'close', 0],
	['1.1', 'Connection: keep-alive, close', 'close', 0],
	['1.1', "Connection: x\r\nConnection: close", 'close', 0],
	['1.1', 'Connection: closed', undef, 1],
	['1.1', 'Connection: ,', undef, 1],
	['1.0', '', 'close', 0],
	['1.0', 'Connection: close', 'close', 0],
	['1.0', 'Connection: keep-alive', 'keep-alive', 1],
	['1.0', 'Connection: Keep-Alive', 'keep-alive', 1],
	['1.0', 'Connection: keep-alive, close', 'close', 0],
	['1.0', 'Connection: upgrade', 'close', 0],
	['1.2', '', undef, 1],
) {
	my ($version, $fields, $option, $lives) = @$case;
	my $title = "HTTP/$version" . ($fields ? ", $fields" : '');
	$title =~ s/\r\n/; /g;
	my $client = $daemon->connect;
	my $send = "GET /a.txt HTTP/$version\r\nHost: a\r\n"
	    . ($fields ? "$fields\r\n" : '') . "\r\n";
	$client->send($send);
	my $answer = $client->answer;
	is($answer->{body}, "a\n", "$title is answered");
	is($answer->field('Connection'), $option, "$title: Connection");
	$client->send($send);
	is($client->answer ? 1 : 0, $lives, "$title: " .
	    ($lives ? 'another request is answered' : 'the connection ends'));
}

# Pipelining.
my $one = "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n";
my $last = "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
for my $count (2, 10, 100, 1000) {
	my @answers = responses(once($config, $one x ($count - 1) . $last));
	is(scalar @answers, $count, "$count requests at once, $count answers");
	is(scalar(grep { $_->{body} eq "a\n" } @answers), $count,
	    "all $count are whole");
}
my @mixed = (
	['GET', '/a.txt', undef, 200, "a\n"],
	['HEAD', '/a.txt', undef, 200, ''],
	['POST', '/echo', 'body', 200, 'body'],
	['GET', '/none', undef, 404, qr/Not Found/],
	['POST', '/a.txt', 'ignored', 405, qr/Not Allowed/],
	['GET', '/big', undef, 200, lines(300000)],
	['POST', steps('print x'), 'not read', 200, 'x'],
	['POST', '/echo', lines(100000), 200, lines(100000)],
	['GET', steps('fill 200000'), undef, 200, lines(200000)],
	['GET', steps('return 204'), undef, 204, ''],
	['OPTIONS', '*', undef, 204, ''],
	['GET', '/a.txt', undef, 200, "a\n"],
);
my @answers = responses(once($config, join '',
    map { Prong::request($_->[0], $_->[1], [], $_->[2]) } @mixed),
    map { $_->[0] } @mixed);
is(scalar @answers, @mixed, 'requests of all kinds in one go');
for my $i (0 .. $#mixed) {
	my ($method, $target, $content, $status, $body) = @{$mixed[$i]};
	my $answer = $answers[$i] or last;
	is($answer->{status}, $status, "$method " . substr($target, 0, 20) .
	    " in its place: status");
	ok(ref $body ? $answer->{body} =~ $body : $answer->{body} eq $body,
	    "$method " . substr($target, 0, 20) . " in its place: content");
}
is(scalar responses(once($config, "\r\n$one\r\n$last")), 2,
    'an empty line before a request is passed over');
is(scalar responses(once($config, $last . $one)), 1,
    'after Connection: close nothing is answered');
@answers = responses(once($config, $one . "nonsense\r\n\r\n" . $one));
is(join(' ', map { $_->{status} } @answers), '200 400',
    'nonsense is refused, and nothing behind it is looked at');
is($answers[1]->field('Connection'), 'close', 'and the close is announced');

# Requests that come in pieces.
for my $cut (1 .. length($one) - 1) {
	next if $cut > 8 && $cut % 5;
	my $client = $daemon->connect;
	$client->send($one . substr $one, 0, $cut);
	$client->answer;
	select undef, undef, undef, 0.01;
	$client->send(substr $one, $cut);
	is($client->answer->{body}, "a\n", "a request cut after $cut octets");
}

# Ceilings and time.
my $client = $daemon->connect;
my @options = map { $client->request('GET', '/three?do=print%20x')
    ->field('Connection') // '-' } 1 .. 3;
is("@options", '- - close', 'the last of max_requests announces the close');
ok(!length $client->rest, 'and is the last');

my $begin = time;
$client = $daemon->connect;
ok(!length $client->rest, 'nothing is said to one that says nothing');
cmp_ok(time - $begin, '>', 1.9, 'which ends after head_timeout, no sooner');

$begin = time;
$client = $daemon->connect;
$client->request('GET', '/a.txt');
ok(!length $client->rest, 'nothing is said to an idle client');
cmp_ok(time - $begin, '>', 1.4, 'which ends after idle_timeout, no sooner');

$client = $daemon->connect;
$client->request('GET', '/patient?do=print%20x');
select undef, undef, undef, 2;
is($client->request('GET', '/a.txt')->{status}, 200,
    'a route has an idle_timeout of its own');

my @slow = map { my $slow = $daemon->connect; $slow->send($_);
    [ $_, $slow ] } 'G', 'GET /a.txt HT', "GET /a.txt HTTP/1.1\r\n",
    "GET /a.txt HTTP/1.1\r\nHost: a\r\n",
    "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r";
for (@slow) {
	my ($head, $slow) = @$_;
	my $shown = $head =~ s/\r/\\r/gr =~ s/\n/\\n/gr;
	my $answer = $slow->answer;
	is($answer && $answer->{status}, 408, "408 for no more than \"$shown\"");
	is($answer && $answer->field('Connection'), 'close', 'and the close');
}
$client = $daemon->connect;
$begin = time;
for my $octet (split //, $one) {
	$client->send($octet) or last;
	select undef, undef, undef, 0.1;
	last if time - $begin > 10;
}
is($client->answer->{status}, 408,
    'a trickle does not put off the end of head_timeout');
$client = $daemon->connect;
$client->send("\r\n");
ok(!length $client->rest, 'an empty line alone is not a request');

# Clients that end their half.
$client = $daemon->connect;
$client->send($one);
$client->finish;
is($client->answer->{body}, "a\n", 'who sends no more is answered all the same');
$client = $daemon->connect;
$client->send($one x 3);
$client->finish;
is(scalar responses($client->rest), 3, 'all that was asked');
$client = $daemon->connect;
$client->send(substr $one, 0, 20);
$client->finish;
ok(!length $client->rest, 'half a request has no answer');

# How a connection ended is the exit status of its process.
for my $case (
	['nothing', '', 3],
	['half a request', substr($one, 0, 20), 3],
	['a request', $one, 0],
	['a request that asks for the close', $last, 0],
	['nonsense', "nonsense\r\n", 5],
	['a path that is none', "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 5],
	['malformed chunks', "POST /echo HTTP/1.1\r\nHost: a\r\n"
	    . "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 5],
	['half a body', "POST /echo HTTP/1.1\r\nHost: a\r\n"
	    . "Content-Length: 5\r\n\r\nhe", 3],
	['a handler that breaks its promise',
	    Prong::request('GET', steps('length 5')), 6],
) {
	my ($title, $octets, $status) = @$case;
	is(prongd('--once', '-c', $config, { input => $octets })->{status},
	    $status, "exit status $status after $title");
}

# The generation ends: idle connections with it, others after their answer.
# (Killed, it is replaced; the kernel tells its connections.)
my $slow = $daemon->connect;
my $idle = $daemon->connect;
$idle->request('GET', '/patient?do=print%20x');
$slow->send(Prong::request('GET', '/patient?do=' . Prong::Act::escape(
    'log at work|sleep 3000|print done')));
$daemon->wait_log(qr/at work/);
my ($generation) = Prong::Process::children($daemon->pid);
kill 'KILL', $generation;
$begin = time;
ok(!length $idle->rest, 'an idle connection ends with its generation');
cmp_ok(time - $begin, '<', 5, 'at once');
my $answer = $slow->answer;
is($answer && $answer->{body}, 'done', 'one at work completes its answer');
is($answer && $answer->field('Connection'), 'close', 'and announces its end');

$daemon->stop;
done_testing;
