# A generation that hangs is replaced; what it has forked goes on. One that hangs
# only as long as its master does is not.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

$Prong::patience = 90;
# The master asks each 5 s and waits for 15 s; the rest is for the machine.
my $within = 5 + 15 + 20;

sub start_one {
	return start(act_config('access_log = "off"; max_requests = 0;'));
}

sub generation {
	my ($daemon) = @_;
	return (Prong::Process::children($daemon->pid))[0];
}

sub hung {
	my ($daemon) = @_;
	return JSON::PP::decode_json($daemon->prong('--json', 'status')
	    ->{output})->{hung};
}

my $serving = start_one();
my $draining = start_one();
my $paused = start_one();
is(hung($serving), 0, 'no generation has hung');

# Events that last until all is over.
my $events = $serving->connect;
$events->send(Prong::request('GET', '/act?do='
    . join('%7C', ('print%20x', 'flush', 'sleep%20250') x 120),
    [ 'Connection: close' ]));
$events->fill;
my $idle = $serving->connect;
is($idle->request('GET', '/act?do=print%20y')->{body}, 'y', 'it serves');

# The second daemon's first generation drains, with a request under way.
my $slow = $draining->connect;
$slow->send(Prong::request('GET', '/act?do=print%20x%7Cflush%7Csleep%2060000'));
$slow->fill;
my $drains = generation($draining);
is($draining->prong('reload')->{status}, 0, 'a reload');
ok(Prong::Process::lives($drains), 'a generation drains');

my $stopped = generation($serving);
my $began = time;
# Within its own pause a master cannot ask; then each is asked again.
kill 'STOP', $paused->pid, generation($paused), $drains, $stopped;
my $client = $serving->connect;
$client->send(Prong::request('GET', '/act?do=print%20z'));
$serving->wait_log(qr/error: generation 1 \(process $stopped\) hangs, since it has not responded for 15 s: killed\n/);
is($client->answer->{body}, 'z', 'who waited is served by another generation');
cmp_ok(time - $began, '<', $within, 'in time');
isnt(generation($serving), $stopped, 'it is another one');
is(hung($serving), 1, 'the status counts it');
ok(!$idle->fill, 'an idle connection of the first one is closed');
my $answer = $events->answer;
is($answer->{body}, 'x' x 120, 'a request under way is completed');

$draining->wait_log(qr/error: generation 1 \(process $drains\) hangs/);
is(generation($draining) ? $draining->connect->request('GET',
    '/act?do=print%20z')->{body} : '', 'z', 'of one that drained, too, '
    . 'and the other one serves');
is(() = $draining->log =~ /generation \d+ is ready/g, 2, 'without another');

my $generation = generation($paused);
kill 'CONT', $paused->pid;
kill 'CONT', $generation;
is($paused->connect->request('GET', '/act?do=print%20z')->{body}, 'z',
    'after a pause of all a daemon serves');
# A response to status shows that the master has looked at its deadlines.
is(hung($paused), 0, 'and none has hung');
is(generation($paused), $generation, 'by the same generation');

kill 9, Prong::Process::children($drains);
for ($serving, $draining, $paused) {
	is($_->stop, 0, 'the daemon stops');
}
done_testing;
