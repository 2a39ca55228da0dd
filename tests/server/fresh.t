# Fresh routes: the process of each connection is executed anew, with an address
# layout and a memory of its own.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
no warnings 'portable';

use File::Copy qw(copy);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Act;
use Prong::Process;

my $plugins = Prong::Act::plugin_folder(qw(act layout layout_free hostile));
my $www = folder('www');
write_file('www/a.txt', "a\n");
my %key = map { $_ => write_file("key-$_", "file-$_") } qw(mine other);
chmod 0600, values %key;

sub routes {
	my ($word) = @_;
	return <<"CONF";
sites = ( { routes = (
  { path = "/fresh"; fresh = true; layout = { word = "$word"; key = "$key{mine}"; }; },
  { path = "/again"; fresh = true; layout = { word = "again"; }; },
  { path = "/usual"; layout = { word = "inline-other"; key = "$key{other}"; }; },
  { path = "/free"; fresh = true; layout_free = { word = "free"; }; },
  { path = "/fails"; fresh = true; layout = { word = "failure"; }; },
  { path = "/endless"; fresh = true; layout = { word = "endless"; }; },
  { path = "/echo"; fresh = true; echo = { }; },
  { path = "/list"; fresh = true; handlers = ( { act = { parameter = "do"; }; },
    { static = { root = "$www"; }; } ); },
  { path = "/hostile"; fresh = true; hostile = { }; max_request_time = "60 s"; },
  { path = "/status"; fresh = true; status = { }; },
  { path = "/"; static = { root = "$www"; }; }
); } );
CONF
}

sub text_of {
	my ($word, $settings) = @_;
	return "plugin_dir = \"$plugins\";\nmax_crashes = 0;\n"
	    . "crash_penalty = \"0 s\";\nmax_request_time = \"3 s\";\n"
	    . ($settings || '') . routes($word);
}

# What layout tells, by its names.
sub told {
	my ($answer) = @_;
	return { $answer->{body} =~ /^(\w+) (.*)$/mg };
}

sub place {
	my ($client, $path) = @_;
	return told($client->request('GET', $path));
}

my $config = config(text_of('inline-mine'));
my $run = prongd('-t', '-c', $config);
is($run->{status}, 0, 'prongd -t accepts fresh') or diag $run->{errors};
$run = prongd('-t', '-c', config(text_of('x') =~ s/fresh = true/fresh = 3/r));
like($run->{errors}, qr/fresh: found the number 3; possible: true or false/,
    'and nothing but true and false');
my @once = responses(once(config(text_of('inline-mine') =~ s/"(failure|endless)"/"word"/gr),
    request('GET', '/fresh') . request('GET', '/usual', ['Connection: close'])));
is(join(' ', map { told($_)->{word} } @once), 'inline-mine inline-other',
    '--once serves a fresh route');

my $daemon = start($config);
my ($generation) = Prong::Process::children($daemon->pid);

# The layout.
{
	my ($one, $two) = map { told($daemon->get('/fresh')) } 1, 2;
	my ($three, $four) = map { told($daemon->get('/usual')) } 1, 2;
	# The sanitizers have their heap at the same place always.
	for (qw(code libc stack), Prong::is_sanitized() ? () : 'heap') {
		isnt($one->{$_}, $two->{$_},
		    "two connections of a fresh route differ in the place of $_");
		is($three->{$_}, $four->{$_}, 'two of a usual one do not')
		    unless $_ eq 'stack';
	}
	is($one->{opened}, 1, 'one handler was opened');
	is($three->{opened}, 1,
	    'in the generation only those of usual routes are');
}

# A kept connection.
{
	my $client = $daemon->connect;
	my $one = place($client, '/fresh');
	is(place($client, '/fresh')->{pid}, $one->{pid},
	    'two requests have the same process');
	is($client->request('GET', '/none')->{status}, 404,
	    'a usual route follows');
	my $usual = place($client, '/usual');
	is($usual->{word}, 'inline-other', 'and another one');
	isnt($usual->{pid}, $one->{pid}, 'in another process');
	is(place($client, '/again')->{word}, 'again', 'another fresh route');
	my $last = place($client, '/fresh');
	isnt($last->{pid}, $one->{pid}, 'back, the process is a new one');
	isnt($last->{code}, $one->{code}, 'with a layout of its own');
	is($last->{client}, $one->{client}, 'the client is the same');
	is($client->request('GET', '/list/a.txt')->{body}, "a\n",
	    'a route with a list of handlers is served');
	is($client->request('POST', '/echo', [], 'x' x 200_000)->{body},
	    'x' x 200_000, 'content that was read ahead is not lost');
	$client->send(request('POST', '/echo', [], 'y' x 70_000)
	    . request('GET', '/a.txt') . request('GET', '/fresh'));
	is($client->answer('POST')->{body}, 'y' x 70_000, 'nor is it in a row');
	is($client->answer->{body}, "a\n", 'of requests');
	is(told($client->answer)->{word}, 'inline-mine', 'that come at once');
}

# Memory and descriptors, as they are seen from outside.
sub maps {
	my ($pid) = @_;
	return map { /^(\w+)-(\w+) (\S+) \S+ \S+ \d+ *(.*)$/ ?
	    { from => hex $1, to => hex $2, rights => $3, name => $4 } : () }
	    split /\n/, Prong::Process::slurp("/proc/$pid/maps") || '';
}

sub memory {
	my ($pid) = @_;
	open my $mem, '<:raw', "/proc/$pid/mem" or return;
	my $all = '';
	for my $map (grep { $_->{rights} =~ /^r/ && $_->{name} ne '[vvar]' }
	    maps($pid)) {
		sysseek $mem, $map->{from}, 0 or next;
		my $left = $map->{to} - $map->{from};
		while ($left > 0) {
			my $n = sysread $mem, my ($piece), $left;
			last unless $n;
			$all .= $piece;
			$left -= $n;
		}
	}
	return $all;
}

# Mappings that can become writable.
sub may_write {
	my ($pid) = @_;
	return scalar grep { /^\S+ r..s .*memfd:/ && /^VmFlags:.*\bmw\b/m }
	    split /(?=^\w+-\w+ )/m,
	    Prong::Process::slurp("/proc/$pid/smaps") || '';
}

sub limit_of_files {
	my ($pid) = @_;
	my ($limits) = (Prong::Process::slurp("/proc/$pid/limits") || '')
	    =~ /^(Max open files .*)/m;
	return $limits;
}

sub shared_for_writing {
	my ($pid) = @_;
	return sort map { $_->{to} - $_->{from} } grep { $_->{rights} =~ /w.s/ }
	    maps($pid);
}

SKIP: {
	skip 'the sanitizers map too much memory to read', 1
	    if Prong::is_sanitized();
	my $fresh = $daemon->connect;
	my $usual = $daemon->connect;
	my $mine = place($fresh, '/fresh')->{pid};
	my $other = place($usual, '/usual')->{pid};
	my ($in_mine, $in_other) = (memory($mine), memory($other));
	skip 'the memory of processes cannot be read', 1
	    unless defined $in_mine && defined $in_other;
	ok(index($in_mine, "opened-inline-mine-file-mine") >= 0,
	    'what its own open has kept is in the memory of a fresh process');
	for ('inline-other', 'file-other', 'opened-inline-other') {
		ok(index($in_other, $_) >= 0, "\"$_\" is in a usual process");
		ok(index($in_mine, $_) < 0, 'and not in the fresh one');
	}
	ok(index($in_other, 'inline-mine') >= 0,
	    'the configuration of a fresh route is known elsewhere');
	ok(index($in_other, 'file-mine') < 0, 'but not its secrets');
	undef $in_mine;
	undef $in_other;

	my ($ring, $page, $handoff, @more) = shared_for_writing($mine);
	# Behind the page is the tally of the process.
	is("$ring $page @more", '16384 36864 ', 'it can write its own page, its '
	    . 'own ring and the memory for its own handoff alone');
	ok($handoff > 32 << 10 && $handoff < 256 << 10,
	    "that memory has $handoff octets");
	is(may_write($mine), 3, 'no other shared memory can become writable');
	my %open = Prong::Process::descriptors($mine);
	ok($open{200 + length 'inline-mine'} && !$open{200 + length 'inline-other'},
	    'what other handlers have opened is not open');
	is_deeply([ sort map { s/\[?\d+\]?//gr } @open{grep { $_ > 2 } keys %open} ],
	    [ sort 'socket:', '/dev/null', 'pipe:' ],
	    'open are the client, a pipe for errors, and '
	    . 'what its own open has opened') or diag explain \%open;
	my %usual = Prong::Process::descriptors($other);
	is(scalar(grep { m{/memfd:} && !m{scoreboard} } values %usual), 0,
	    'a usual process has no copies either');
	ok(!grep({ m{prongd\z} } values %usual), 'nor the binary');
	unlike(Prong::Process::slurp("/proc/$mine/environ"), qr/LAYOUT_KEPT/,
	    'the environment is that from before the handlers');
	like(Prong::Process::title($mine), qr/\Aprongd: 127\.0\.0\.1:\d+\s*\z/,
	    'the title names the client');
	is(may_write($other), 3, 'nor in a usual process');
	is(limit_of_files($mine), limit_of_files($other),
	    'the limit of open files is that of a usual process');
	my $hostile = $daemon->connect;
	is($hostile->request('GET', '/hostile?do=grow_scoreboard&with=3')->{body},
	    "ENOSYS\n", 'its page cannot grow into those of others');
	is($hostile->request('GET', '/hostile?do=reallocate')->{body},
	    "reallocated\n", 'other memory can');

	# In a slot before that of another, whose last request is in the memory
	# by which it was handed off.
	my $first = $daemon->connect;
	my $pid = place($first, '/fresh')->{pid};
	my $moved = $daemon->connect;
	# The scoreboard shows the target, but no fields.
	place($moved, '/usual');
	$moved->request('GET', '/fresh', [ 'X-Token: token-of-one-who-moved' ]);
	$first->close;
	wait_until { !-e "/proc/$pid" } 'the end of the first';
	is($daemon->get('/hostile?do=grow_all&with='
	    . reverse('token-of-one-who-moved'))->{body}, "nothing\n",
	    'the memory for its handoff cannot grow into that of others');
}

# Guardian, status, logs.
{
	my $client = $daemon->connect;
	my $pid = place($client, '/free')->{pid};
	my ($guardian) = grep { Prong::Process::title($_) =~ /guardian/ }
	    Prong::Process::children($generation);
	ok($guardian && grep({ $_ == $pid } Prong::Process::children($guardian)),
	    'handlers that may start processes have a guardian');
	like($client->request('GET', '/status')->{body}, qr/127\.0\.0\.1/,
	    'the status is served by a fresh process');
	my $seen = $daemon->connect;
	my $shown = place($seen, '/fresh')->{pid};
	like($daemon->get('/status')->{body}, qr/\b$shown\b/,
	    'and shows the others');
	$daemon->get('/fresh?do=log');
	$daemon->wait_log(qr{layout of /fresh: a line of inline-mine});
	pass('lines of the handler arrive in the log');
	$daemon->wait_log(qr{an error of inline-mine});
	pass('what it writes to standard error, too');
	$daemon->wait_log(qr{inline-mine was opened});
	pass('also while it is opened');
	wait_until { $daemon->output =~ m{"GET /fresh\?do=log HTTP/1.1" 200} }
	    'the access log';
	pass('the access log has the request');
}

# Ends.
{
	is($daemon->get('/fresh?do=crash')->{status}, 500, 'a crash is answered');
	$daemon->wait_log(qr{SIGABRT.*handler layout of route /fresh|handler layout of route /fresh.*SIGABRT});
	$daemon->wait_log(qr{layout\.so\(});
	pass('it is logged, with a backtrace into the plugin');
	is($daemon->get('/fresh?do=spin')->{status}, 503, 'a time limit holds');
	$daemon->wait_log(qr{handler layout of route /fresh took more than max_request_time});
	pass('and is logged');
	is($daemon->get('/fails')->{status}, 500,
	    'a handler that cannot be opened is answered');
	$daemon->wait_log(qr{layout\.word: must not be "failure"});
	$daemon->wait_log(qr{route /fails: its handlers could not be opened});
	pass('with its reason in the log');
	my $endless = $daemon->connect;
	$endless->send(request('GET', '/endless'));
	is($endless->rest, '', 'one whose open does not end is ended');
	$daemon->wait_log(qr{took more than max_request_time, and did not end});
	pass('by the generation');
	is(told($daemon->get('/fresh'))->{word}, 'inline-mine', 'others go on');

	# The porter has its socket, too.
	for my $path ('/fresh', '/free') {
		my $client = $daemon->connect;
		my $pid = place($client, $path)->{pid};
		kill 'KILL', $pid;
		my $began = time;
		is($client->rest, '', "the client of a process of $path that is "
		    . 'killed sees the end');
		cmp_ok(time - $began, '<', 10, 'at once');
	}
	my $client = $daemon->connect;
	like($client->request('GET', '/fresh', [ 'Connection: close' ])->{body},
	    qr/inline-mine/, 'a last request');
	my $began = time;
	is($client->rest, '', 'the client of a process that ends by itself sees '
	    . 'the end');
	cmp_ok(time - $began, '<', 10, 'at once');
}

# A reload.
{
	my $old = $daemon->connect;
	my $one = place($old, '/fresh');
	write_file($config, read_file($config) =~ s/inline-mine/inline-new/r);
	is($daemon->prong('reload')->{status}, 0, 'a reload succeeds');
	is(told($daemon->get('/fresh'))->{word}, 'inline-new',
	    'new connections have the new configuration');
	my $answer = $old->request('GET', '/fresh');
	is(told($answer)->{pid}, $one->{pid}, 'the old one has its process');
	is(told($answer)->{word}, 'inline-mine', 'and its configuration');
	is($answer->field('Connection'), 'close', 'and is told to end');
}
is($daemon->stop, 0, 'the daemon stops');
unlike($daemon->log, qr/error: a process that was executed|cannot go on/,
    'no process failed');

# Without sandbox, behind a proxy, and with a penalty.
{
	my $other = start(config(text_of('bare', "sandbox = \"off\";\n"
	    . "trusted_proxies = [ \"127.0.0.1\" ];\nproxy_protocol = true;\n")));
	my $client = $other->connect;
	$client->send("PROXY TCP4 192.0.2.7 192.0.2.1 5555 80\r\n");
	is(place($client, '/fresh')->{client}, '192.0.2.7:5555',
	    'without a sandbox: the client of a proxy is known');
	is(place($client, '/usual')->{client}, '192.0.2.7:5555', 'to the next');
	is(place($client, '/again')->{client}, '192.0.2.7:5555',
	    'and to the next process');
	is($other->stop, 0, 'the daemon stops');
}
for my $proxy ('', "trusted_proxies = [ \"127.0.0.1\" ];\nproxy_protocol = true;\n") {
	my $other = start(config(text_of('x', $proxy)
	    =~ s/crash_penalty = "0 s"/crash_penalty = "60 s"/r));
	my $join = sub {
		my ($host) = @_;
		my $client = $other->connect;
		$client->send("PROXY TCP4 $host 192.0.2.1 5555 80\r\n") if $proxy;
		return $client;
	};
	my $old = $join->('192.0.2.7');
	is(place($old, '/fresh')->{word}, 'x', 'an older connection');
	$join->('192.0.2.7')->request('GET', '/fresh?do=crash') for 1 .. 3;
	$other->wait_log(qr{is refused for});
	is($join->('192.0.2.7')->request('GET', '/fresh')->{status}, 503,
	    'crashes bring a penalty');
	is($old->request('GET', '/fresh')->{status}, 503,
	    'which the older connection sees');
	is(place($join->('192.0.2.8'), '/fresh')->{word}, 'x',
	    'another client of the proxy does not') if $proxy;
	is($other->stop, 0, 'the daemon stops');
}

# The program cannot be executed any more.
sub copy_program {
	my ($folder) = @_;
	my $program = folder($folder) . '/prongd';
	copy(Prong::program(), $program) or die "$program: $!";
	chmod 0755, $program;
	return $program;
}

{
	my $program = copy_program('bin');
	local $ENV{PRONGD} = $program;
	my $other = start(config(text_of('x')));
	is(told($other->get('/fresh'))->{word}, 'x', 'served');
	chmod 0644, $program;
	is($other->get('/fresh')->{status}, 500,
	    'where the program cannot be executed, the client is told');
	$other->wait_log(qr{route /fresh: cannot execute the process of the connection of \S+ afresh: Permission denied});
	pass('and the log says why');
	is($other->get('/a.txt')->{status}, 200, 'other routes are served');
	is($other->stop, 0, 'the daemon stops');
}
SKIP: {
	my $program = copy_program('spoiled');
	my (undef, undef, $uid) = getpwnam 'nobody';
	skip 'there is no user nobody', 1 if running_as_root && !$uid;
	chown $uid, -1, $program if running_as_root;
	local $ENV{PRONGD} = $program;
	my $other = Prong::Daemon->launch(config(text_of('x')
	    =~ s/(word = "inline-other";)/$1 spoiled = "$program";/r));
	isnt($other->wait, 0, 'nor does the server start');
	$other->log_like(qr/cannot execute prongd anew, as fresh routes need: Permission denied/,
	    'and it says why');
}
done_testing;
