# A handler that does not keep to its time: with signals blocked, with lies about
# itself, in threads, in children, and for a client that has gone. Honest clients
# beside it notice nothing.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Hostile;
use Prong::Process;

# Processor time is scarce on a machine with much to do.
$Prong::patience = 120;

my $abi = Prong::Hostile::landlock_abi();

my $line = qr/error: connection process \d+ of 127\.0\.0\.1:\d+/;
# Once, whoever has ended it: the generation, its guardian or, on a busy machine and
# where the page lies, the kernel.
my $cpu = { client => 'nothing', log =>
    qr/\A(?!.*was ended by signal).*$line took more than max_cpu_time, and did not end by itself: killed/s };
# Who ends itself has not used up its time, whatever its limit is by then.
my $itself = { client => 'nothing', log =>
    qr/\A(?!.*took more than).*$line was ended by signal 9/s };
my $late = { client => 'nothing', log =>
    qr/$line took more than max_request_time, and did not end by itself: killed/ };
my $still = { client => 'nothing', log =>
    qr/$line has stood still for longer than any limit lets it: killed/ };
my $gone = { client => qr/.*/, log =>
    qr/process \d+ of \S+ has worked for gone_grace since its client left: ended/ };

# More processor time than is permitted: each of these tries for longer than it
# may, and no longer than a test can wait.
my @rows = (
	[ 'burn', 6, $cpu ],
	[ 'burn_ignoring', 6, $cpu ],
	[ 'burn_without_timers', 6, $cpu ],
	[ 'burn_and_lie', 6, $cpu ],
	# The porter has the socket, so the client is there still.
	[ 'close_and_sleep', undef, $late, '/hostile/time' ],
	[ 'lift_cpu', undef, { client => 'EPERM' } ],
	[ 'lower_and_kill', 0, $itself ],
	[ 'lower_and_kill', 0, $itself, '/hostile' ],
);
my @free_rows = (
	[ 'burn_in_threads', 6, $cpu ],
	[ 'burn_in_children', 6, { client => '2 killed' } ],
);

sub try_rows {
	my ($title, $world, @tried) = @_;
	for (@tried) {
		my ($deed, $with, $want, $at) = @$_;
		my @wrong = eval { $world->try($deed, $want, with => $with,
		    at => $at || '/hostile/cpu') };
		push @wrong, $@ if $@;
		ok(!@wrong, "$title: $deed" . (defined $with ? " $with" : ''))
		    or diag join "\n", @wrong;
	}
}

my $timeouts = join ' ', map { "$_ = \"1 s\";" } qw(max_request_time
    head_timeout body_timeout send_timeout);

sub routes {
	my ($handler) = @_;
	return ", { path = \"/hostile/cpu\"; $handler = { }; "
	    . 'max_request_time = "120 s"; max_cpu_time = "500 ms"; }, '
	    . "{ path = \"/hostile/gone\"; $handler = { }; "
	    . 'max_request_time = "30 s"; gone_grace = "1 s"; }, '
	    . "{ path = \"/hostile/time\"; $handler = { }; "
	    . 'max_request_time = "300 ms"; }';
}

# Clients leave while the handler sleeps or lies.
sub try_gone {
	my ($title, $world) = @_;
	my @liars = map { [ 'sleep_and_lie', $_ ] } 
	    qw(limits octets waiting requests);
	for ([ 'sleep_blocked' ], $world->{handler} eq 'hostile' ? @liars : ()) {
		my ($deed, $with) = @$_;
		my $sent = $world->send($deed, with => $with,
		    at => '/hostile/gone');
		wait_until { Prong::Process::children($world->{generation})
		    > $world->{children} } 'the process';
		setsockopt $sent->{client}->socket, SOL_SOCKET, SO_LINGER,
		    pack 'ii', 1, 0;
		my $began = time;
		$sent->{client}->close;
		$world->settle;
		my @wrong = $world->noticed;
		$world->settle_log;
		push @wrong, 'the log says ' . $world->log_since($sent)
		    unless $world->log_since($sent) =~ $gone->{log};
		ok(!@wrong, "$title: $deed " . ($with || '') . ' for a client '
		    . 'that has gone') or diag join "\n", @wrong;
	}
}

# Other connections' limits hold while one has all pending signals of the user;
# who is no other test's.
my $user = 64017;

sub try_signals {
	my ($title, $world) = @_;
	my $holder = $world->send('queue_signals', with => 20,
	    at => '/hostile/gone');
	$holder->{client}->fill;
	my $sent = $world->send('sleep', at => '/hostile/time');
	is($world->outcome($sent), '503', "$title: max_request_time holds "
	    . 'without pending signals');
	$sent = $world->send('loop', at => '/hostile/cpu');
	like($world->outcome($sent), qr/\A(503|nothing)\z/, "$title: "
	    . 'max_cpu_time holds, too');
	is(join("\n", $world->honest), '', "$title: honest clients are served");
	setsockopt $holder->{client}->socket, SOL_SOCKET, SO_LINGER,
	    pack 'ii', 1, 0;
	$holder->{client}->close;
	$world->settle;
}

# Honest use of processor time: no connection comes to its end unforeseen.
sub try_honest {
	my ($title, $world) = @_;
	my $client = $world->{daemon}->connect;
	my @answers = map { $client->request('GET',
	    '/hostile/cpu?do=burn&with=0.3') } 1 .. 3;
	is(join(' ', map { $_->{body} =~ s/\n//r } @answers),
	    'burnt burnt burnt', "$title: who keeps to max_cpu_time is served");
	is(join(' ', map { (grep { /\Aclose\z/i } map { $_->[1] }
	    @{$_->{fields}})[0] || 'kept' } @answers),
	    'kept kept close', 'until the process has used it in all');
	$world->settle;
}

# No crash, but the end of a request that took too long: each has a line with 503.
sub check_access {
	my ($title, $world) = @_;
	my ($path) = $world->text =~ /access_log = "([^"]+)"/;
	my $text = Prong::read_file($path);
	my @deeds = grep { /\Aburn/ && !/children/ } map { $_->[0] } @rows,
	    $world->{handler} eq 'hostile_free' ? @free_rows : ();
	is(join(' ', grep { $text !~ /do=$_&with=6 HTTP[^"]+" 503 / } @deeds), '',
	    "$title: all are 503 in the access log");
}

sub try_world {
	my ($mode, $handler, %how) = @_;
	my $title = "$mode, $handler" . ($how{user} ? ', as a user' : '');
	my $world = Prong::Hostile->start(mode => $mode, handler => $handler,
	    words => {}, settings => 'log_level = "info"; ',
	    routes => routes($handler), $mode eq 'abi2' ? (abi => 2) : (),
	    %how);
	try_rows($title, $world, @rows);
	try_rows($title, $world, @free_rows) if $handler eq 'hostile_free';
	check_access($title, $world);
	try_honest($title, $world);
	try_gone($title, $world);
	try_signals($title, $world) if $how{user};
	is($world->stop, 0, "$title: the daemon stops");
}

# Where all routes have the same rules, the process alone has the socket; with workers
# the porter has it, too.
sub try_closed {
	my $daemon = start(config(sprintf('plugin_dir = "%s"; '
	    . 'log_level = "info"; sites = ( { routes = ( { path = "/"; '
	    . 'hostile = { }; gone_grace = "1 s"; max_request_time = "30 s"; }'
	    . ' ); } );', Prong::Hostile::plugin_folder()), workers => 0));
	my $client = $daemon->connect;
	$client->send("GET /?do=close_and_sleep HTTP/1.1\r\n"
	    . "Host: localhost\r\n\r\n");
	ok($daemon->wait_log($gone->{log}), 'who closes its client\'s socket '
	    . 'has no client');
	is($client->rest, '', 'and sends nothing');
	$client->close;
	is($daemon->stop, 0, 'the daemon stops');
	return;
}

# Who blocks the signals and lies, where every route has a limit of time. Each
# takes seconds, so that they are tried side by side.
sub try_liars {
	my ($handler, $settings, $rows) = @_;
	my $world = Prong::Hostile->start(mode => 'on', handler => $handler,
	    words => {}, idle => '1 s', settings => $settings);
	my @tried = map { [ @$_, $world->send($_->[0], with => $_->[1]) ] }
	    @$rows;
	for (@tried) {
		my ($deed, $with, $log, $sent) = @$_;
		my $title = "$deed " . ($with || '');
		my $port = $sent->{client}->socket->sockport;
		my $lines = sub { join '', grep { /127\.0\.0\.1:$port\b/ }
		    split /^/, $world->log_since($sent) };
		is($world->outcome($sent), 'nothing', "$title is ended");
		eval { wait_until { $lines->() =~ $log } 'its line' };
		like($lines->(), $log, 'for the reason');
	}
	is($world->{daemon}->get('/known')->{body}, $world->{known},
	    'and others are served');
	is($world->stop, 0, 'the daemon stops');
}

try_liars('hostile', $timeouts, [
	[ 'sleep_blocked', undef, $late->{log} ],
	[ 'stop_itself', undef, $late->{log} ],
	[ 'sleep_and_lie', 'limits', $still->{log} ],
	[ 'sleep_and_lie', 'waiting', $still->{log} ],
	[ 'sleep_and_lie', 'state', $still->{log} ],
]);
# Progress that is none is bounded where every route has a total.
try_liars('hostile', $timeouts . ' max_request_total = "1 s";', [
	[ 'sleep_and_lie', 'octets',
	    qr/took more than max_request_total, and did not end by itself/ ],
	[ 'sleep_and_lie', 'calls', $still->{log} ],
]);

# The process of a connection that has come so far.
sub process_of {
	my ($client) = @_;
	my $port = $client->socket->sockport;
	return wait_until { my ($one) = grep {
	    Prong::Process::title($_->{pid}) =~ /prongd: \S+:$port\z/ }
	    Prong::Process::all(); $one ? $one->{pid} : undef } 'its process';
}

# Who takes the signal away that tells of the end of its generation goes on when
# that has crashed, beyond all limits, until the server stops. An honest handler has
# a timer of its own from then on.
sub try_orphans {
	my ($mode, %how) = @_;
	my $title = "$mode: without its generation" . ($how{user} ? ', as a user'
	    : '');
	my $world = Prong::Hostile->start(mode => $mode, handler => 'hostile',
	    words => {}, routes => ', { path = "/hostile/long"; hostile = { }; '
	    . 'max_request_time = "6 s"; gone_grace = "1 s"; }', settings =>
	    'stop_grace = "500 ms";', $mode eq 'abi2' ? (abi => 2) : (), %how);
	my @deaf = map { $world->send($_, at => '/hostile/long') }
	    qw(sleep_deaf sleep_blocked);
	my $honest = $world->send('sleep', at => '/hostile/long');
	my @pids = map { process_of($_->{client}) } @deaf;
	kill 'KILL', $world->{generation};
	$world->{daemon}->wait_log(qr/generation 2 is ready/);
	is($world->{daemon}->get('/known')->{body}, $world->{known},
	    "$title: others are served");
	# It has slept for as long as the deaf ones.
	is($world->outcome($honest), '503', "$title: an honest handler is ended");
	is(scalar(grep { Prong::Process::lives($_) } @pids), 2,
	    "$title: those who do not hear of it go on");
	$_->{client}->close for @deaf;
	my $until = time + 2;
	is($world->{daemon}->get('/known')->{status}, 200,
	    "$title: others still are") while time < $until
	    && select(undef, undef, undef, 0.5) >= 0;
	is(scalar(grep { Prong::Process::lives($_) } @pids), 2,
	    "$title: also when their clients have gone");
	$world->{kept}->close;
	is($world->{daemon}->stop, 0, "$title: the server stops");
	is(scalar(Prong::Process::lasting(@pids)), 0,
	    "$title: and they have ended");
	return;
}

for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : $mode eq 'abi2' ? 2 : 0);
		try_world($mode, $mode eq 'on' ? 'hostile' : 'hostile_free');
		try_world($mode, 'hostile_free', user => $user)
		    if $mode eq 'on' && running_as_root && !system
		    'setpriv --version >/dev/null 2>&1';
	}
}
for my $mode (qw(on abi2 off)) {
	SKIP: {
		skip "$mode: this kernel has Landlock ABI $abi", 1
		    if $abi < ($mode eq 'on' ? 6 : $mode eq 'abi2' ? 2 : 0);
		try_orphans($mode);
		try_orphans($mode, user => $user)
		    if $mode eq 'on' && running_as_root && !system
		    'setpriv --version >/dev/null 2>&1';
	}
}
try_closed();
done_testing;
