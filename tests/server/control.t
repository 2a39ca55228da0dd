# prong(1) and the control socket: what it prints, who may ask.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use IO::Socket::UNIX;
use JSON::PP ();
use Socket qw(SOCK_SEQPACKET);
use POSIX qw(WNOHANG);
use Test::More;

use Prong;
use Prong::Process;

write_file('www/a.txt', "a\n");
my $root = folder('www');

sub configure {
	my ($head) = @_;
	return config("access_log = \"off\"; $head\n"
	    . "sites = ( { routes = ( { path = \"/\"; static = "
	    . "{ root = \"$root\"; }; } ); } );");
}

# Status.
{
	my $config = configure('');
	my $daemon = start($config);
	my $kept = $daemon->connect;
	$kept->request('GET', '/a.txt');
	my $run = $daemon->prong('status');
	is($run->{status}, 0, 'prong status succeeds');
	my $pid = $daemon->pid;
	like($run->{output}, qr/^prongd +\S+, process $pid, serving$/m,
	    'it names release, process and state');
	like($run->{output}, qr/^configuration +\Q$config\E$/m,
	    'the configuration');
	like($run->{output}, qr/^listening at +\Q${\$daemon->address}\E$/m,
	    'the listener, with its port');
	my ($generation) = Prong::Process::children($pid);
	like($run->{output}, qr/^generations +1, process $generation, serving,/m,
	    'the generation');
	like($run->{output}, qr/, 1 connection$/m, 'and its connections');

	my $json = JSON::PP::decode_json(
	    $daemon->prong('--json', 'status')->{output});
	is($json->{pid}, $pid, 'as JSON: the process');
	is_deeply($json->{configuration}, [ $config ], 'the configuration');
	is_deeply($json->{listeners}, [ $daemon->address ], 'the listeners');
	is_deeply([ @{$json->{generations}[0]}{qw(number pid phase
	    connections)} ], [ 1, $generation, 'serving', 1 ],
	    'the generation');
	is($json->{reload}, undef, 'no reload yet');
	is($daemon->prong('reload')->{status}, 0, 'a reload');
	$json = JSON::PP::decode_json(
	    $daemon->prong('--json', 'status')->{output});
	ok($json->{reload}{done}, 'the last reload is told');
	is(scalar @{$json->{generations}}, 2, 'and the generation that drains');

	write_file($config, 'lisen = 1;');
	$run = $daemon->prong('--json', 'reload');
	is($run->{status}, 1, 'a reload that fails');
	$json = JSON::PP::decode_json($run->{output});
	ok(!$json->{done}, 'is told as JSON');
	like($json->{messages}[0], qr{\Aerror: \Q$config\E:1: lisen}, 'with '
	    . 'the reason');
	$kept->close;

	$run = $daemon->prong('stop');
	is($run->{status}, 0, 'prong stop succeeds');
	ok(!Prong::Process::lives($pid), 'when the daemon has ended');
	is($daemon->wait, 0, 'which it did in good order');

	$run = $daemon->prong('status');
	is($run->{status}, 1, 'without a daemon prong fails');
	like($run->{errors}, qr/\Q${\$daemon->control}\E.*no prongd listens/,
	    'and says what is possible');
}

# A stop that would take long.
{
	my $daemon = start(configure('stop_grace = "300 s";'));
	my $busy = $daemon->connect;
	$busy->send("GET /a.txt HTTP/1.1\r\nHost: x\r\n");
	wait_until { Prong::Process::children($daemon->pid) } 'a connection';
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		POSIX::_exit($daemon->prong('stop')->{status});
	}
	$daemon->wait_log(qr/stopping/);
	is($daemon->prong('stop', '--now')->{status}, 0,
	    'stop --now does not wait for the grace');
	waitpid $pid, 0;
	is($?, 0, 'and ends the stop that waited');
	is($daemon->wait, 0, 'the daemon has ended');
}

# Command lines.
for my $case ([ [ ], qr/COMMAND: is missing/ ],
    [ [ 'relod' ], qr/relod: no such command/ ],
    [ [ 'reload', 'now' ], qr/now: there is nothing to say/ ],
    [ [ 'drain', '10' ], qr/10: / ],
    [ [ '--nonsense' ], qr/nonsense/ ]) {
	my ($arguments, $says) = @$case;
	my $run = Prong::prong('-s', '/nowhere', @$arguments);
	is($run->{status}, 2, "prong @$arguments is a mistake");
	like($run->{errors}, $says, 'and says why');
	like($run->{errors}, qr/\A[^\n]+\n[^\n]+--help[^\n]+\n\z/,
	    'in two lines');
}
is(Prong::prong('help')->{output}, Prong::prong('--help')->{output},
    'prong help is prong --help');
like(Prong::prong('--help')->{output}, qr/\Ausage: prong /, 'there is help');
like(Prong::prong('--version')->{output}, qr/\Aprong \d/, 'and a version');

# The first reload, which fails, and the next.
{
	my $config = configure('');
	my $daemon = start($config);
	my $text = read_file($config);
	my $before = $daemon->address;
	unlike($daemon->prong('status')->{output}, qr/last reload/,
	    'there was no reload');
	write_file($config, 'no = 1;');
	is($daemon->prong('reload')->{status}, 1, 'the first one fails');
	like($daemon->prong('status')->{output}, qr/^last reload .*, failed$/m,
	    'and prong status has it');
	$text =~ s/127\.0\.0\.1:0/127.0.0.2:0/ or die $text;
	$text =~ s/\);\s*\z/, { hosts = "b"; routes = ( { path = "\/"; echo = { }; } ); } );/
	    or die $text;
	write_file($config, $text);
	my $run = $daemon->prong('reload');
	like($run->{output}, qr/\Ageneration\ 2\ is\ ready;\ generation\ 1\ drains;
	    \ listening\ now\ at\ 127\.0\.0\.2:\d+;\ no\ longer\ at\ \Q$before\E;
	    \ 2\ sites,\ before\ 1\n\z/x, 'a reload says what it changed')
	    or diag $run->{errors};
	like($daemon->prong('status')->{output}, qr/^last reload .*, done$/m,
	    'and prong status has it');
	is($daemon->stop, 0, 'the daemon ends well');
}

# The setting, and what is wrong with it.
{
	my $path = folder() . '/elsewhere/control';
	my $config = configure("control = \"$path\";");
	my $daemon = start($config, '--control', $path);
	ok(-S $path, 'the socket is where the setting says, in a new folder');
	is((stat $path)[2] & 07777, 0600, 'for its owner alone');
	my $run = Prong::prongd('-t', '-c', configure('control = "run/x";'));
	like($run->{errors}, qr/:\d+: control: found "run\/x"; possible: "off"/,
	    'a relative path is an error');
	$run = Prong::prongd('-t', '-c',
	    configure('control_group = "no-such-group";'));
	is($run->{status}, 1, 'a group that is none is an error')
	    or diag $run->{errors};
	like($run->{errors},
	    qr/:\d+: control_group: found "no-such-group"/, 'which is told');

	# A default that an ordinary user cannot have.
	SKIP: {
		skip 'only root can become another user', 1
		    unless Prong::running_as_root() && -x '/usr/bin/setpriv';
		my $log = write_file('ordinary.log');
		open my $null, '+<', '/dev/null' or die "/dev/null: $!";
		open my $err, '>>', $log or die "$log: $!";
		my $pid = Prong::spawn_program('/usr/bin/setpriv', $null, $null,
		    $err, '--reuid', 'nobody', '--regid', 'nogroup',
		    '--clear-groups', Prong::program(), '-P',
		    $ENV{PRONG_PLUGINS}, '-p', 0, folder());
		wait_until { read_file($log) =~ /serving/
		    || waitpid($pid, WNOHANG) } 'the start';
		kill 'TERM', $pid;
		waitpid $pid, 0;
		like(read_file($log), qr{info: prong\(1\) cannot reach this},
		    'a control socket that cannot be had is told');
	}

	# Another daemon does not take it away.
	my $other = start(configure(''), '--control', $path);
	$other->log_like(qr/warning: cannot listen for prong\(1\) at \Q$path\E/,
	    'a socket that another prongd has is not taken away');
	my $json = JSON::PP::decode_json(Prong::prong('-s', $path, '--json',
	    'status')->{output});
	is($json->{pid}, $daemon->pid, 'the first one answers there');
	is($other->get('/a.txt')->{status}, 200, 'the other serves all the '
	    . 'same');
	is($other->stop, 0, 'and stops');
	ok(-S $path, 'the socket is still there');
	$daemon->kill('KILL');
	$daemon->wait;
	ok(-S $path, 'a killed daemon leaves its socket');
	my $next = start(configure(''), '--control', $path);
	is(Prong::prong('-s', $path, 'status')->{status}, 0,
	    'which the next one replaces');
	$next->stop;
}

{
	my $daemon = start(configure('control = "off";'), '--control', 'off');
	ok(!-e folder() . '/off', 'without a control socket');
	is($daemon->get('/a.txt')->{status}, 200, 'a daemon serves, too');
	$daemon->stop;
}

# Who may ask.
SKIP: {
	skip 'only root can ask as somebody else', 3 unless running_as_root;
	my $daemon = start(configure(''));
	chmod 0666, $daemon->control;
	my $pid = fork // die "fork: $!";
	unless ($pid) {
		$( = $) = '65534 65534';
		$< = $> = 65534;
		my $run = $daemon->prong('stop');
		POSIX::_exit($run->{errors} =~ /only root, the user of prongd/
		    ? $run->{status} : 99);
	}
	waitpid $pid, 0;
	is($? >> 8, 1, 'another user is refused, and told so');
	$daemon->log_like(qr/control socket: a request is refused: only root/,
	    'the log tells');
	is($daemon->get('/a.txt')->{status}, 200, 'nothing has happened');
	$daemon->stop;
}

# Where processes of other users are hidden, as by the service's unit.
SKIP: {
	skip 'only root can hide processes', 4 unless running_as_root;
	skip 'no mount namespace can be made here', 4
	    if system 'unshare -m mount -t proc -o hidepid=invisible proc '
	    . '/proc 2>/dev/null';
	my $run = write_file('hidden', <<'SH');
#!/bin/sh
exec unshare -m sh -c 'mount -t proc -o hidepid=invisible proc /proc &&
    exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"' sh \
    "$HIDDEN" "$@"
SH
	chmod 0755, $run;
	my $own = folder('run');
	chown 65534, 65534, $own;
	my $config = configure('');
	local $ENV{HIDDEN} = Prong::program();
	my $daemon = do {
		local $ENV{PRONGD} = $run;
		start($config, '--control', "$own/control");
	};
	my @ask = ('-s', "$own/control", 'reload');
	is(Prong::prong(@ask)->{status}, 0, 'root may ask a hidden daemon');
	my $prong = Prong::program() =~ s/prongd\z/prong/r;
	my $as_user = Prong::run('/usr/bin/setpriv', '--reuid', 65534,
	    '--regid', 65534, '--clear-groups', $prong, @ask);
	is($as_user->{status}, 0, 'so may its own user, by way of root')
	    or diag $as_user->{errors};
	is($daemon->get('/a.txt')->{status}, 200, 'it serves');
	is($daemon->stop, 0, 'and stops');
}

# What is no request.
{
	my $daemon = start(configure(''));
	my $client = IO::Socket::UNIX->new(Type => SOCK_SEQPACKET,
	    Peer => $daemon->control) or die "control: $!";
	syswrite $client, "x" x 3000;
	sysread $client, my $answer, 4096;
	like($answer, qr/\Asay error: .*does not know/, 'nonsense is refused');
	close $client;
	my @idle = map { IO::Socket::UNIX->new(Type => SOCK_SEQPACKET,
	    Peer => $daemon->control) } 1 .. 20;
	is($daemon->prong('status')->{status}, 0,
	    'those who say nothing keep nobody else from asking');
	is($daemon->prong('reload')->{status}, 0, 'a reload, too');
	is($daemon->stop, 0, 'the daemon stops');
}

done_testing;
