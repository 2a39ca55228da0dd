# Processes that are killed under load: a connection, the generation, the master
# under whoever starts it again. What was in their hands is lost and no more:
# nobody is refused, service is back at once, and nobody serves on.
# PRONG_SOAK=1 does it ten times as often.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

use Prong;
use Prong::Hammer;
use Prong::Process;
use Prong::Workers;

my $times = $ENV{PRONG_SOAK} ? 50 : 5;
my $grace_s = 2;
my $margin_s = 5;

my $plugins = folder('plugins');
Prong::Hammer::install_build(1, $plugins);
for my $name (qw(echo static)) {
	my $to = write_file("plugins/$name.so",
	    read_file("$ENV{PRONG_PLUGINS}/$name.so"));
	chmod 0644, $to;
}

# The service manager's: it outlives everybody.
my $http = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1024)
    or die "listen: $@";
my $address = $http->sockhost . ':' . $http->sockport;
my $workers = Prong::workers_setting();
my $config = write_file('conf/prongd.conf', <<"END");
plugin_dir = "$plugins"; $workers
listen = [ "$address" ];
access_log = "off";
max_connections_per_client = 0;
crash_penalty = "0 s";
max_crashes = 0;
stop_grace = "$grace_s s";
sites = ( { routes = (
  { path = "/build"; build = { }; }, { path = "/echo"; echo = { }; } ); } );
END
my $control = folder() . '/control';

sub start_master {
	return Prong::Daemon->launch($config, '--control', $control,
	    { sockets => [ $http ] });
}

# From when on a new connection is answered: seconds since then.
sub back_since {
	my ($began) = @_;
	my $client = Prong::Client->new($address);
	$client->send(request('GET', '/build?kib=1', [ 'Connection: close' ]));
	my $answer = $client->answer;
	die 'no service: ', $answer ? $answer->{status} : 'no answer'
	    unless $answer && $answer->{status} == 200;
	return time - $began;
}

sub median {
	my @sorted = sort { $a <=> $b } @_;
	return $sorted[$#sorted / 2];
}

# What may go wrong for who was in the midst of something.
my %cut = map { $_ => 1 } qw(reset closed cut);

my $clients = 64;

# kills($what, $most, sub { ... }, ...): kills $times times at some moment under
# load; the second function returns what it has killed. At most $most clients
# lose something each time.
sub kills {
	my ($what, $most, $kill) = @_;
	my $hammer = Prong::Hammer->start('-s', 90, $address);
	$hammer->wait_answers(1);
	my (@usual, @back);
	for my $time (1 .. $times) {
		# So that it is no generation of a short life, whose next one
		# has to wait.
		sleep 1 + rand 0.3;
		push @usual, back_since(time);
		my $began = time;
		$kill->();
		push @back, back_since($began);
	}
	settle($hammer);
	my $totals = $hammer->stop;
	my %kinds = %{$totals->{failures}};
	delete @kinds{keys %cut};
	is_deeply(\%kinds, {}, "$what: nobody is refused or told what is wrong")
	    or diag $totals->{text};
	cmp_ok($totals->{failed}, '<=', $most * $times,
	    "$what: lost is at most what was under way")
	    or diag $totals->{text};
	# A start takes less than ten requests, however busy the machine is.
	cmp_ok(median(@back), '<', 1 + 10 * median(@usual),
	    "$what: service is back at once") or diag "@back; @usual";
	note sprintf '%s: %d lost in %d times, back after %s s', $what,
	    $totals->{failed}, $times, join ' ', map { sprintf '%.3f', $_ }
	    @back;
	return;
}

# Until everybody is answered again.
sub settle {
	my ($hammer) = @_;
	my $before = $hammer->totals->{kinds};
	$hammer->wait_for(sub {
		my ($totals) = @_;
		return !grep { $totals->{kinds}{$_}{requests}
		    <= $before->{$_}{requests} } keys %$before;
	}, 'answers of every kind');
	return;
}

my $daemon = start_master();
$daemon->await_ready;

{
	my $victims = 4;
	kills('connections', $victims, sub {
		my @pids = Prong::Process::children(generation_of($daemon));
		kill 'KILL', (splice @pids, rand @pids, 1) for 1 .. $victims;
	});
}

{
	my $old;
	kills('the generation', $clients, sub {
		$old = generation_of($daemon);
		kill 'KILL', $old;
		wait_until { my $now = generation_of($daemon);
		    $now && $now != $old } 'the next one';
	});
	is(eval { wait_until { !Prong::Process::in_group($old) } }, 1,
	    'who was served by the generation that was killed is served to '
	    . 'the end, and no longer');
	is_deeply([ Prong::Process::lasting_zombies($daemon->pid) ], [],
	    'no zombie is left');
}

# Both are gone for a moment: the kernel completes connections, and whoever is
# started next accepts them.
{
	my @old;
	kills('the master', $clients, sub {
		my $generation = generation_of($daemon);
		push @old, $generation if $generation;
		$daemon->kill('KILL');
		$daemon->wait;
		$daemon = start_master();
	});
	is(eval { wait_until { !grep { Prong::Process::in_group($_) } @old } },
	    1, 'no process of a master that was killed serves on');
	$daemon->await_ready;
	my $status = JSON::PP::decode_json(Prong::prong('-s', $control,
	    '--json', 'status')->{output});
	is($status->{pid}, $daemon->pid, 'the last one has the control socket');
	is(scalar @{$status->{generations}}, 1, 'and one generation');
}

# Who does not come to an end is not waited for.
{
	my $busy = Prong::Client->new($address);
	$busy->send(request('POST', '/echo', [ 'Content-Length: 4',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';
	my $generation = generation_of($daemon);
	my $killed = time;
	$daemon->kill('KILL');
	$daemon->wait;
	$daemon = start_master();
	$daemon->await_ready;
	ok(Prong::Process::lives($generation),
	    'a request in flight outlives the master');
	wait_until { !Prong::Process::in_group($generation) } 'its end';
	cmp_ok(time - $killed, '<', $grace_s + $margin_s,
	    'for stop_grace and no longer');
}

# Killed in the midst of starting, stopping, reloading: whenever.
{
	my @old;
	for my $time (1 .. $times) {
		my $asked = fork // die "fork: $!";
		unless ($asked) {
			Prong::prong('-s', $control, $_) for qw(reload reload);
			POSIX::_exit(0);
		}
		$daemon->kill('TERM') if $time % 3 == 0;
		sleep rand 0.1;
		push @old, Prong::Process::tree($daemon->pid);
		$daemon->kill('KILL');
		$daemon->wait;
		waitpid $asked, 0;
		$daemon = start_master();
		sleep rand 0.1;
	}
	my $spent = back_since(time);
	ok($spent, 'whenever the master is killed, the next one serves');
	is(eval { wait_until { !grep { Prong::Process::lives($_) } @old } }, 1,
	    'and nothing is left of those before')
	    or diag map { Prong::Process::title($_) . "\n" }
	    grep { Prong::Process::lives($_) } @old;
	$daemon->await_ready;
	is(Prong::prong('-s', $control, 'status')->{status}, 0,
	    'it can be asked');
}

is($daemon->stop, 0, 'the daemon stops');
done_testing;
