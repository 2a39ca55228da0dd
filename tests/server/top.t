# prong top and the figures of prong status: they need no free place and no
# generation that responds, and nothing of a client controls the terminal.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Fcntl;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes ();

use Prong;
use Prong::Act;
use Prong::Process;

write_file('www/a.txt', "a\n");
my $plugins = Prong::Act::plugin_folder('act', 'extreme');
my $log = folder('logs') . '/access';

sub serve {
	my ($settings) = @_;
	return start(config("plugin_dir = \"$plugins\";\nsandbox = \"off\";\n"
	    . "access_log = \"$log\"; crash_penalty = \"0 s\"; max_crashes = 0;\n"
	    . "$settings\nsites = ( { routes = ( { path = \"/act\"; act = { }; }, "
	    . '{ path = "/crash"; extreme = { }; }, '
	    . '{ path = "/"; static = { root = "' . folder('www')
	    . '"; }; } ); } );'));
}

sub frame {
	my ($daemon, @arguments) = @_;
	my $run = $daemon->prong('top', @arguments);
	is($run->{status}, 0, 'prong top succeeds') or diag($run->{errors});
	return $run->{output};
}

# Two clients whose requests go on.
sub busy {
	my ($daemon, $count) = @_;
	return map {
		my $client = $daemon->connect(undef, "127.0.0." . (2 + $_));
		$client->send(request('GET', steps("sleep 60000|print $_")));
		$client;
	} 1 .. $count;
}

{
	local $ENV{COLUMNS} = 80;
	my $daemon = serve('max_connections = 3; queue_timeout = "100 ms"; '
	    . 'max_connections_per_client = 0;');
	$daemon->get('/a.txt') for 1 .. 3;
	$daemon->get('/none');
	$daemon->connect(undef, '127.0.0.9')->request('GET', '/crash?do=null');
	my @busy = busy($daemon, 3);
	wait_until { frame($daemon) =~ /3 of 3/ } 'all places are taken';
	my $refused = $daemon->connect(undef, '127.0.0.8');
	is($refused->request('GET', '/a.txt')->{status}, 503,
	    'a further client is refused');
	my $frame = frame($daemon);
	like($frame, qr/\Aprongd \S+  ready  up \S+  generation 1 /,
	    'prong top has release, state and generation');
	like($frame, qr/^connections \[#{30}\] 3 of 3  \d+ in all$/m,
	    'the ceiling, when it is reached');
	like($frame, qr/^refused +1  full 1  client 0/m, 'the refusals by reason');
	like($frame, qr/^refused .*crashed 1$/m, 'the crashes');
	like($frame, qr/^static .* 4 +1 +0 /m, 'a row for a handler');
	like($frame, qr/^extreme .* 1 +0 +1 /m, 'and for one that has crashed');
	my @rows = $frame =~ m{^ *\d+ handling +\S+ +1 +0 127\.0\.0\.[345]\S* +act +GET /act\?do=sle.*~?$}mg;
	is(scalar @rows, 3, 'a row for each connection');
	ok(!(grep { length > 80 } split /\n/, $frame), 'in 80 columns');
	unlike($frame, qr/\e/, 'and no colours, as there is no terminal');

	my ($generation) = Prong::Process::children($daemon->pid);
	kill STOP => $generation;
	my $begin = Time::HiRes::time();
	my $stopped = frame($daemon);
	my $took = Time::HiRes::time() - $begin;
	is_deeply([ $stopped =~ /^ *\d+ handling.*?act/mg ],
	    [ $frame =~ /^ *\d+ handling.*?act/mg ],
	    'a generation that hangs has the same rows') or diag($stopped);
	my $status = $daemon->prong('status');
	kill CONT => $generation;
	like($status->{output}, qr/^connections +3 of 3, \d+ in all$/m,
	    'prong status has the ceiling then');
	like($status->{output}, qr/^refused +1: full 1$/m, 'refusals');
	like($status->{output}, qr/^crashes +1: extreme 1$/m, 'and crashes');
	like($status->{output}, qr/^last crash +\S+ ago, extreme, signal 11, "GET \/crash\?do=null HTTP\/1\.1" of 127\.0\.0\.9:\d+, id [0-9a-f]{32}$/m,
	    'with the last one and its id');
	like($status->{output}, qr/^ *\d+ +1 own +handling .*127\.0\.0\.3:\d+ .*GET \/act/m,
	    'and the table of connections');
	my $json = JSON::PP::decode_json(
	    $daemon->prong('--json', 'status')->{output});
	is_deeply($json->{connections}, { now => 3, max => 3, refused => 1,
	    crashed => 1, total => $json->{connections}{total} },
	    'as JSON: the ceiling');
	is($json->{refused}{full}, 1, 'the refusals');
	my ($crashed) = grep { $_->{name} eq 'extreme' } @{$json->{handlers}};
	is($crashed->{crashes}, 1, 'the crashes of a handler');
	is_deeply([ sort map { $_->{client} =~ s/:.*//r } @{$json->{table}} ],
	    [ map { "127.0.0.$_" } 3 .. 5 ], 'the connections');
	local $ENV{COLUMNS} = 200;
	like(frame($daemon), qr{^ *\d+ +1 own +handling .* 127\.0\.0\.3:\d+ +act +GET /act\?do=sleep%2060000%7Cprint%201 HTTP/1.1$}m,
	    'a wide screen shows the whole request, and more');
	is($daemon->prong('stop', '--now')->{status}, 0, 'the daemon stops');
}

# Several looks, and what comes in a second.
{
	my $daemon = serve('');
	my $run = $daemon->prong('top', '-n', 2, '-d', '100 ms');
	my @frames = split /\n\n/, $run->{output};
	is(scalar @frames, 2, 'prong top -n 2 makes two pictures');
	like($frames[0], qr{^requests +0  -/s}m, 'the first knows no rate');
	like($frames[1], qr{^requests +0  0\.0/s}m, 'and the second does');
	for my $wrong ([ '-n', '0' ], [ '-n', 'x' ], [ '-d', '1 ms' ],
	    [ '-d', 'x' ]) {
		is($daemon->prong('top', @$wrong)->{status}, 2,
		    "prong top @$wrong is a mistake");
	}
	is($daemon->stop, 0, 'the daemon stops');
	$run = $daemon->prong('top');
	is($run->{status}, 1, 'without a daemon prong top fails');
	like($run->{errors}, qr/no prongd listens there/, 'and says why');
}

# ioctl_tty(2), on Linux; some machines have other numbers.
my ($unlock, $number, $set_size, $get) = (0x40045431, 0x80045430, 0x5414);

sub open_terminal {
	my ($columns, $rows) = @_;
	sysopen my $own, '/dev/ptmx', O_RDWR | O_NOCTTY or return;
	my $zero = pack 'i', 0;
	my $n = pack 'i', 0;
	ioctl $own, $unlock, $zero or return;
	ioctl $own, $number, $n or return;
	sysopen my $other, '/dev/pts/' . unpack('i', $n), O_RDWR | O_NOCTTY
	    or return;
	my $size = pack 'SSSS', $rows, $columns, 0, 0;
	ioctl $other, $set_size, $size or return;
	return ($own, $other);
}

# prong top on a terminal; what it writes is collected until the pattern matches.
sub spawn_top {
	my ($daemon, %environment) = @_;
	my ($own, $other) = open_terminal(80, 24);
	return unless $own;
	my $pid = fork // die "fork: $!";
	if ($pid == 0) {
		local %ENV = (%ENV, TERM => 'xterm', %environment);
		delete $ENV{NO_COLOR} unless exists $environment{NO_COLOR};
		open STDIN, '<&', $other;
		open STDOUT, '>&', $other;
		exec(Prong::program() =~ s/prongd\z/prong/r, '-s',
		    $daemon->control, 'top', '-d', '100 ms')
		    or POSIX::_exit(1);
	}
	return { own => $own, other => $other, pid => $pid, text => '' };
}

sub read_until {
	my ($top, $pattern) = @_;
	wait_until {
		my $ready = '';
		vec($ready, fileno $top->{own}, 1) = 1;
		sysread $top->{own}, $top->{text}, 65536, length $top->{text}
		    if select $ready, undef, undef, 0.1;
		$top->{text} =~ $pattern;
	} "prong top to show $pattern";
	my $seen = $top->{text};
	$top->{text} = '';
	return $seen;
}

SKIP: {
	my $daemon = serve('');
	my @busy = busy($daemon, 2);
	# An octet that controls some terminals, in a request that is served.
	my $evil = $daemon->connect(undef, '127.0.0.7');
	$evil->send("GET /act?do=sleep+60000&\xc2\x9b31m HTTP/1.1\r\n"
	    . "Host: a\r\n\r\n");
	my $top = spawn_top($daemon)
	    or skip 'there are no pseudo terminals here', 1;
	my $seen = read_until($top, qr/127\.0\.0\.7.*q quit/s);
	like($seen, qr/\A\e\[\?1049h\e\[\?25l/, 'it has a screen of its own');
	like($seen, qr/\e\[1mprongd/, 'with colours');
	unlike($seen =~ s/\e\[[0-9;?]*[a-zA-Z]//gr, qr/[^\r\n\x20-\x7e]/,
	    'and nothing of a client that controls the terminal');
	syswrite $top->{own}, 'p';
	read_until($top, qr/paused/);
	pass('p pauses');
	syswrite $top->{own}, 'ps';
	read_until($top, qr/sorted by age/);
	pass('s chooses another order');
	for my $keys ('/', "\e[A") {
		syswrite $top->{own}, $keys;
		read_until($top, qr{/_});
	}
	syswrite $top->{own}, "\x010.0.33\x7f";
	read_until($top, qr{/0\.0\.3_});
	pass('/ begins a filter, which has printable octets alone');
	syswrite $top->{own}, "\n";
	$seen = read_until($top, qr/with "0\.0\.3".*127\.0\.0\.3.*q quit/s);
	$seen = read_until($top, qr/\e\[H.*q quit/s);
	unlike($seen =~ s/.*\e\[H//sr, qr/127\.0\.0\.[47]/, 'which hides others');
	my $size = pack 'SSSS', 24, 40, 0, 0;
	ioctl $top->{other}, $set_size, $size;
	kill WINCH => $top->{pid};
	$seen = read_until($top, qr/\e\[H.*q quit  p pause  s sort  \/ filter \(Enter\e/s);
	pass('a narrower terminal is filled as it is');
	syswrite $top->{own}, 'q';
	$seen = read_until($top, qr/\e\[\?1049l/);
	like($seen, qr/\e\[\?25h\e\[\?1049l\z/, 'q gives the terminal back');
	waitpid $top->{pid}, 0;
	is($?, 0, 'and ends it');

	$top = spawn_top($daemon, NO_COLOR => 1);
	$seen = read_until($top, qr/q quit/);
	unlike($seen, qr/\e\[[0-9;]*m/, 'with NO_COLOR there are no colours');
	kill INT => $top->{pid};
	read_until($top, qr/\e\[\?25h\e\[\?1049l\z/);
	waitpid $top->{pid}, 0;
	is($?, 0, 'a signal gives the terminal back, too');

	$top = spawn_top($daemon);
	read_until($top, qr/q quit/);
	$daemon->prong('stop', '--now');
	read_until($top, qr/prongd is not reached/);
	pass('when the server has ended it says so, and stays');
	syswrite $top->{own}, 'q';
	waitpid $top->{pid}, 0;
	isnt($?, 0, 'with a status that tells');
}

done_testing;
