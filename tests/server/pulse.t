# A generation that hangs is replaced; what it has forked goes on. One that hangs
# only as long as its master does is not. So is its log process.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use POSIX qw(EPERM);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;
use Prong::Refuse;

$Prong::patience = 90;
# The master asks each 5 s and waits for 15 s; the rest is for the machine.
my $within = 5 + 15 + 20;

# A connection that waits for a process of its own does so in the backlog, as no
# worker has accepted it.
sub start_one {
	return start(act_config('access_log = "off"; max_requests = 0; '
	    . 'workers = 0;'));
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
my $silent = start(config('access_log = "' . folder('log') . '/access"; '
    . 'sites = ( { routes = ( { path = "/"; echo = { }; } ); } );'));
my $writer = Prong::Process::log_process(generation($silent));
is(hung($serving), 0, 'no generation has hung');

# PR_SET_PDEATHSIG, by which the log process would learn the end of its
# generation; the signal could also come just before it sleeps.
# The sanitizers refuse what is preloaded.
my $orphaned = Prong::is_sanitized() ? start_one() : do {
	local %ENV = (%ENV, Prong::Refuse::environment('generation', EPERM,
	    'prctl:1'));
	start_one();
};
my $orphan = Prong::Process::log_process(generation($orphaned));

# Events that last until all is over.
my $events = $serving->connect;
$events->send(Prong::request('GET', '/act?do='
    . join('%7C', ('print%20x', 'flush', 'sleep%20250') x 120),
    [ 'Connection: close' ]));
$events->fill;
my $idle = $serving->connect;
is($idle->request('GET', '/act?do=print%20y')->{body}, 'y', 'it serves');
kill 'KILL', generation($orphaned);

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
kill 'STOP', $paused->pid, generation($paused), $drains, $stopped, $writer,
    Prong::Process::log_process(generation($paused));
is($silent->get('/a')->{status}, 200, 'without log process a client is served');
my $unwritten = read_file(folder('log') . '/access');
my $client = $serving->connect;
$client->send(Prong::request('GET', '/act?do=print%20z'));
$serving->wait_log(qr/error: generation 1 \(process $stopped\) hangs, since it has not responded for 15 s: killed\n/);
is($client->answer->{body}, 'z', 'who waited is served by another generation');
cmp_ok(time - $began, '<', $within, 'in time');
isnt(generation($serving), $stopped, 'it is another one');
is(hung($serving), 1, 'the status counts it');
is($serving->prong('upgrade')->{status}, 0, 'an upgrade');
is(hung($serving), 1, 'hands the number on');
ok(!$idle->fill, 'an idle connection of the first one is closed');
my $answer = $events->answer;
is($answer->{body}, 'x' x 120, 'a request under way is completed');

$draining->wait_log(qr/error: generation 1 \(process $drains\) hangs/);
is(generation($draining) ? $draining->connect->request('GET',
    '/act?do=print%20z')->{body} : '', 'z', 'of one that drained, too, '
    . 'and the other one serves');
is(() = $draining->log =~ /generation \d+ is ready/g, 2, 'without another');

$silent->wait_log(qr/error: the log process $writer has not responded for 15 s: killed\n/);
wait_until { read_file(folder('log') . '/access') =~ m{GET /a} } 'the line';
is($unwritten, '', 'what it has not written another log process writes');
$writer = Prong::Process::log_process(generation($silent));
kill 'STOP', $writer;
is($silent->get('/b')->{status}, 200, 'one is stopped');
is($silent->stop, 0, 'the server stops');
ok(!Prong::Process::lasting($writer), 'and leaves no log process');
like(read_file(folder('log') . '/access'), qr{GET /b}, 'without its lines');

my $generation = generation($paused);
kill 'CONT', $paused->pid, Prong::Process::log_process($generation);
kill 'CONT', $generation;
is($paused->connect->request('GET', '/act?do=print%20z')->{body}, 'z',
    'after a pause of all a daemon serves');
# A response to status shows that the master has looked at its deadlines.
is(hung($paused), 0, 'and none has hung');
is(generation($paused), $generation, 'by the same generation');
unlike($paused->log, qr/log process/, 'with the same log process');

wait_until { !Prong::Process::lives($orphan) } 'its end';
pass('a log process that no signal reaches ends after its generation');
kill 9, Prong::Process::children($drains);
for ($serving, $draining, $paused, $orphaned) {
	is($_->stop, 0, 'the daemon stops');
}
done_testing;
