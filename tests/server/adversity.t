# Bad days of the master's: processes that are killed or cannot be made, too few
# descriptors, files and folders that are gone, requests at the wrong moment. The
# service goes on, whoever asked is told, and nothing is left behind.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Gate;
use Prong::Process;

my $soak = $ENV{PRONG_SOAK};

write_file("$_/a.txt", "$_\n") for qw(one two);
my $plugins = folder('plugins');
Prong::Gate::install($plugins, 'static');

my $serial = 0;

# A daemon with a configuration of its own: configure() writes it anew.
sub configure {
	my ($path, %with) = @_;
	my $lingers = $with{lingers} ? '{ path = "/l"; lingers = { }; },' : '';
	return write_file($path, "plugin_dir = \"$plugins\";\n"
	    . "listen = [ \"127.0.0.1:0\" ]; open_timeout = \"60 s\";\n"
	    . ($with{head} || 'access_log = "off";') . "\n"
	    . "sites = ( { routes = ( $lingers { path = \"/\"; static = "
	    . '{ root = "' . folder($with{root} || 'one') . "\"; }; } ); } );\n");
}

sub begin {
	my (%with) = @_;
	my $config = configure('conf' . ++$serial . '/prongd.conf', %with);
	my $daemon = start($config, @{$with{arguments} || []});
	# From its log, while there is one.
	$daemon->address;
	return ($daemon, $config);
}

sub status_of {
	return JSON::PP::decode_json($_[0]->prong('--json', 'status')->{output});
}

sub generations {
	return Prong::Process::children($_[0]->pid);
}

# In place of a configuration, a pipe: who reads it waits for release().
sub hold_reading {
	my ($config) = @_;
	rename $config, "$config.good" or die "$config: $!";
	POSIX::mkfifo($config, 0644) or die "mkfifo: $!";
	return $config;
}

# The reader gets that text; the next one the file.
sub release {
	my ($config, $text) = @_;
	open my $pipe, '>', $config or die "$config: $!";
	rename "$config.good", $config or die "$config: $!";
	print $pipe $text if defined $text;
	close $pipe;
	return;
}

# Sets a soft limit of a process, or puts it to what it may be at most. As the
# user of the process by means of a command before.
sub limiter {
	my ($pid, $what, @as) = @_;
	my ($most) = `@as prlimit --pid $pid --$what --raw --noheadings -o HARD`
	    =~ /(\w+)/ or die 'prlimit';
	return sub {
		my $to = $_[0] // $most;
		system(@as, 'prlimit', '--pid', $pid, "--$what=$to:") == 0
		    or die 'prlimit';
	};
}

subtest 'a restart that is slower than a reload' => sub {
	my ($daemon, $config) = begin(lingers => 1);
	my $gate = Prong::Gate->shut;
	my ($first) = generations($daemon);
	kill 'KILL', $first;
	wait_until { my @now = generations($daemon);
	    @now == 1 && $now[0] != $first } 'the next one';
	my ($slow) = generations($daemon);
	configure($config, root => 'two');
	is($daemon->prong('reload')->{status}, 0, 'the reload succeeds');
	is($daemon->get('/a.txt')->{body}, "two\n", 'and serves');
	$gate->open;
	wait_until { !Prong::Process::lives($slow) } 'the end of the restart';
	is($daemon->get('/a.txt')->{body}, "two\n",
	    'what started from the set before does not take over');
	is(eval { wait_until { generations($daemon) == 1 } }, 1,
	    'nor does it live');
	is($daemon->stop, 0, 'the daemon stops');
};

subtest 'too few descriptors' => sub {
	plan skip_all => 'there is no prlimit'
	    if system 'prlimit --version >/dev/null 2>&1';
	my ($daemon, $config) = begin();
	my $limit = limiter($daemon->pid, 'nofile');
	my ($generation) = generations($daemon);
	# So few that poll(2) takes no more, either.
	for my $few (12, 5) {
		$limit->($few);
		my $asked = Prong::Gate::ask($daemon, 'status');
		$daemon->kill('HUP');
		$daemon->wait_log($few == 12 ? qr/cannot accept on the control/
		    : qr/cannot wait for \d+ descriptors/);
		my ($user, $system) = Prong::Process::times($daemon->pid);
		my $until = time + 1;
		while (time < $until) {
			select undef, undef, undef, 0.05;
		}
		my ($user2, $system2) = Prong::Process::times($daemon->pid);
		cmp_ok($user2 + $system2 - $user - $system, '<', 0.5,
		    "with $few the master does not go round and round");
		is($daemon->get('/a.txt')->{status}, 200, 'clients are served');
		$limit->();
		is((Prong::Gate::answer($asked))[1], 0,
		    'who asked is answered as soon as there are more');
	}
	is_deeply([ generations($daemon) ], [ $generation ],
	    'the same generation serves') or diag $daemon->log;
	is($daemon->prong('reload')->{status}, 0, 'a reload succeeds again');
	is($daemon->stop, 0, 'the daemon stops');
};

SKIP: {
	skip 'only root can start a daemon as another user', 1
	    unless running_as_root;
	skip 'there is no setpriv or prlimit', 1 if system
	    'setpriv --version >/dev/null && prlimit --version >/dev/null';
	subtest 'no process can be made' => sub {
		my $built = Prong::program();
		# A user of nobody else's.
		my $user = 40000 + $$ % 20000;
		my @as = ('setpriv', '--reuid', $user, '--regid', $user,
		    '--clear-groups');
		my $run = write_file('as-user', "#!/bin/sh\nexec @as "
		    . "'$ENV{PRONGD}' \"\$@\"\n");
		chmod 0755, $run;
		my $own = folder('run');
		chown $user, $user, $own;
		local $ENV{PRONGD} = $run;
		my ($daemon) = begin(arguments => [ '--control',
		    "$own/control" ]);
		my $limit = limiter($daemon->pid, 'nproc', @as);
		my $ask = sub {
			return Prong::run($built =~ s/prongd\z/prong/r, '-s',
			    "$own/control", @_);
		};
		$limit->(0);
		for my $verb (qw(reload upgrade)) {
			my $result = $ask->($verb);
			is($result->{status}, 1, "the $verb fails");
			like($result->{errors}, qr/^error: .*temporarily/m,
			    'and says why');
		}
		is($ask->('reopen')->{status}, 0, 'logs are reopened');
		is($daemon->get('/a.txt')->{status}, 200, 'it serves');
		my ($generation) = generations($daemon);
		kill 'KILL', $generation;
		$daemon->wait_log(qr/cannot fork a generation/);
		my $client = $daemon->connect;
		$client->send(request('GET', '/a.txt'));
		$limit->();
		is($client->answer->{status}, 200, 'as soon as there can be, '
		    . 'there is a generation');
		is($ask->('reload')->{status}, 0, 'reloads succeed again');
		is($daemon->stop, 0, 'the daemon stops');
	};
}

subtest 'in the midst of reading' => sub {
	my ($daemon, $config) = begin();
	my ($generation) = generations($daemon);
	my $reader = sub {
		wait_until { (grep { $_ != $generation }
		    generations($daemon))[0] } 'the process that reads';
	};
	hold_reading($config);
	my $asked = Prong::Gate::ask($daemon, 'reload');
	kill 'KILL', $reader->();
	my ($said, $end) = Prong::Gate::answer($asked);
	is($end, 1, 'who kills what reads ends the reload');
	like($said, qr/^error: the process that reads the configuration ended/m,
	    'which is told');

	# As many as there are places for.
	my @asked = map { Prong::Gate::ask($daemon, 'reload') } 1 .. 20;
	my $pid = $reader->();
	is(status_of($daemon)->{state}, 'reloading',
	    'those who wait keep nobody from asking');
	kill 'KILL', $pid;
	my %ends;
	release($config, 'nonsense') if $reader->();
	for (@asked) {
		($said, $end) = Prong::Gate::answer($_);
		$ends{$said =~ /too many wait/ ? 'refused' :
		    $end ? 'failed' : 'done'}++;
	}
	is($ends{refused}, 8, 'some are told to come later')
	    or diag explain \%ends;

	hold_reading($config);
	$asked = Prong::Gate::ask($daemon, 'reload');
	$reader->();
	my $next = Prong::Gate::ask($daemon, 'reload');
	my $reopen = Prong::Gate::ask($daemon, 'reopen');
	is(status_of($daemon)->{state}, 'reloading', 'a reload is under way');
	is($daemon->stop, 0, 'the daemon stops in its midst');
	is((Prong::Gate::answer($_))[1], 1, 'the reload has failed')
	    for $asked, $next;
	isnt((Prong::Gate::answer($reopen))[1], 1, 'the logs have not');
};

subtest 'in the midst of a start' => sub {
	my ($daemon, $config) = begin(lingers => 1);
	my ($first) = generations($daemon);
	my $gate = Prong::Gate->shut;
	my $asked = Prong::Gate::ask($daemon, 'reload');
	wait_until { generations($daemon) > 1
	    && status_of($daemon)->{generations}[1] } 'a generation';
	my $slow = status_of($daemon)->{generations}[1];
	is($slow->{phase}, 'starting', 'one starts');
	kill 'KILL', $first;
	wait_until { !grep { $_ == $first } generations($daemon) } 'the end';
	kill 'KILL', $slow->{pid};
	is((Prong::Gate::answer($asked))[1], 1, 'when both are killed the '
	    . 'reload has failed');
	my $client = $daemon->connect;
	$client->send(request('GET', '/a.txt'));
	$gate->open;
	is($client->answer->{body}, "one\n", 'and the last good set serves');

	$gate = Prong::Gate->shut;
	$asked = Prong::Gate::ask($daemon, 'reload');
	wait_until { status_of($daemon)->{generations}[1] } 'a generation';
	my @below = Prong::Process::tree($daemon->pid);
	is($daemon->stop, 0, 'a stop does not wait for one that starts');
	is_deeply([ Prong::Process::lasting(@below) ], [],
	    'nothing is left');
	$gate->open;
};

subtest 'files that are gone' => sub {
	# The last folder would be made again.
	my $top = folder('logs');
	my $logs = folder('logs/of/it');
	my ($daemon, $config) = begin(head => "access_log = \"$logs/a.log\"; "
	    . "error_log = \"$logs/e.log\";", arguments => [ '--control',
	    folder('control') . '/s', { log => "$logs/e.log" } ]);
	my $control = folder('control') . '/s';
	my $ask = sub {
		return Prong::prong('-s', $control, @_);
	};
	unlink "$logs/a.log", "$logs/e.log";
	is($ask->('reopen')->{status}, 0, 'logs that were removed');
	ok(-e "$logs/a.log" && -e "$logs/e.log", 'are made again');
	rename $top, "$top.away" or die "$top: $!";
	for my $verb (qw(reopen reload)) {
		my $run = $ask->($verb);
		is($run->{status}, 1, "without their folder $verb fails");
		like($run->{errors}, qr/^error: cannot open the error log /m,
		    'and says so');
	}
	is($daemon->get('/a.txt')->{status}, 200, 'it serves');
	rename "$top.away", $top or die "$top: $!";
	is($ask->('reopen')->{status}, 0, 'with the folder it succeeds again');

	unlink $control or die "$control: $!";
	rmdir folder('control') or die "control: $!";
	my ($before) = generations($daemon);
	$daemon->kill('HUP');
	wait_until { -S $control } 'the control socket';
	is(eval { wait_until { $ask->('status')->{status} == 0 } }, 1,
	    'a control socket that was removed is made again by a reload');
	is($daemon->stop, 0, 'the daemon stops');
	ok(!-e $control, 'and removes it');
};

subtest 'a status of many lines' => sub {
	my ($daemon, $config) = begin();
	my $folder = $config =~ s{[^/]+\z}{conf.d}r;
	write_file("$folder/$_.conf", "sites = ( { hosts = [ \"h$_\" ]; "
	    . 'routes = ( { path = "/"; static = { root = "'
	    . folder('two') . '"; }; } ); } );') for 1 .. 500;
	is($daemon->prong('reload')->{status}, 0, 'of 500 more files');
	my $asked = Prong::Gate::ask($daemon, 'status');
	# All of it is sent before any is read.
	is(status_of($daemon)->{state}, 'serving', 'is told');
	my ($said, $end) = Prong::Gate::answer($asked);
	is($end, 0, 'also to who is slow to read');
	is(scalar(() = $said =~ /^configuration /mg), 501, 'and whole');
	is(scalar @{status_of($daemon)->{configuration}}, 501,
	    'prong prints it');
	is($daemon->stop, 0, 'the daemon stops');
};

subtest 'reloads in a loop' => sub {
	my ($daemon, $config) = begin();
	my $times = $soak ? 500 : 15;
	my $good = read_file($config);
	my $once = sub {
		my ($text, $want) = @_;
		write_file($config, $text);
		my $run = $daemon->prong('reload');
		return $run->{status} == $want;
	};
	my $look = sub {
		my $pid = $daemon->pid;
		wait_until { generations($daemon) == 1 } 'one generation';
		my %open = Prong::Process::descriptors($pid);
		return (scalar keys %open, Prong::Process::resident_kib($pid));
	};
	my @bad = ('nonsense', $good =~ s/static/sttaic/r,
	    $good =~ s/(127.0.0.1:0")/$1, "127.0.0.1:0", "[::1]:x"/r,
	    $good =~ s{(127.0.0.1:0")}{$1, "unix:/proc/nowhere/s"}r);
	my $wrong = 0;
	my $round = sub {
		$wrong += !$once->($good, 0);
		$wrong += !$once->($_, 1) for @bad;
	};
	$round->() for 1 .. 3;
	my ($open, $kib) = $look->();
	$round->() for 1 .. $times;
	my ($open_after, $kib_after) = $look->();
	is($wrong, 0, "$times good ones and four bad ones for each");
	is($open_after, $open, 'the master has as many descriptors as before');
	SKIP: {
		skip 'the sanitizers keep what was freed', 1
		    if Prong::is_sanitized();
		cmp_ok($kib_after, '<', $kib + 256, "and as much memory: $kib");
	}
	is_deeply([ Prong::Process::lasting_zombies($daemon->pid) ], [], 'no zombie');
	$once->($good, 0);
	is($daemon->stop, 0, 'the daemon stops');
};

done_testing;
