# Reloads: everything that was read from the disk can change, nothing is lost
# when it does, and what is wrong changes nothing.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use IO::Socket::IP;
use Socket qw(SOCK_STREAM);
use Test::More;
use Time::HiRes qw(time);

use Prong;
use Prong::Load;
use Prong::Process;

my $test_plugins = $ENV{PRONG_TEST_PLUGINS} ||
    "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs";
my $plugins = folder('plugins');

# A plugin is another one when it is replaced by renaming, or overwritten.
sub install {
	my ($from, $name) = @_;
	my $to = "$plugins/$name.so";
	copy($from, "$to.new") or die "$from: $!";
	chmod 0644, "$to.new";
	rename "$to.new", $to or die "$to: $!";
	return $to;
}

sub install_built {
	install("$ENV{PRONG_PLUGINS}/$_.so", $_) for @_;
}

install_built(qw(static echo flag status));

my $routes = '{ path = "/"; static = { root = "%s"; }; },'
    . ' { path = "/echo"; echo = { }; }';
write_file('one/a.txt', "one\n");
write_file('two/a.txt', "two\n");

my $config;

# Writes the configuration anew, in place; %with: head, root, routes.
sub configure {
	my (%with) = @_;
	my $text = "plugin_dir = \"$plugins\";\naccess_log = \"off\"; "
	    . "drain_timeout = \"10 min\"; idle_timeout = \"10 min\";\n"
	    . ($with{head} || "listen = [ \"127.0.0.1:0\" ];") . "\n"
	    . 'sites = ( { routes = ( '
	    . sprintf($with{routes} || $routes, folder($with{root} || 'one'))
	    . ' ); } );';
	$config = write_file('reload/prongd.conf', $text);
	return $config;
}

sub generations {
	return Prong::Process::children($_[0]->pid);
}

my $daemon = start(configure());
my $port = $daemon->port;
is($daemon->get('/a.txt')->{body}, "one\n", 'the first configuration');

# What changes.
{
	configure(root => 'two');
	is($daemon->get('/a.txt')->{body}, "one\n",
	    'what is written changes nothing');
	my $run = $daemon->prong('reload');
	is($run->{status}, 0, 'prong reload succeeds');
	like($run->{output}, qr/\Ageneration 2 is ready; generation 1 drains; 1 site\n\z/,
	    'and says so');
	is($daemon->get('/a.txt')->{body}, "two\n",
	    'when it returns the new configuration serves');
	is($daemon->port, $port, 'the listener is the same');

	configure();
	$daemon->kill('HUP');
	$daemon->wait_log(qr/generation 3 is ready/);
	# The one before may get a connection yet.
	is(eval { wait_until { $daemon->get('/a.txt')->{body} eq "one\n" } },
	    1, 'SIGHUP reloads, too');
}

# Files that the configuration names.
{
	my $page = write_file('page.html', 'first page');
	my $types = write_file('mime.types', "text/x-first\ttxt\n");
	configure(routes => '{ path = "/"; static = { root = "%s"; '
	    . "mime_types = \"$types\"; }; error_pages = ( { status = 404; "
	    . "file = \"$page\"; } ); }");
	is($daemon->prong('reload')->{status}, 0, 'a page and types of files');
	write_file('page.html', 'second page');
	write_file('mime.types', "text/x-second\ttxt\n");
	is($daemon->get('/nowhere')->{body}, 'first page', 'a page that is '
	    . 'changed is not read again');
	is($daemon->prong('reload')->{status}, 0, 'until a reload');
	is($daemon->get('/nowhere')->{body}, 'second page', 'nor later');
	like($daemon->get('/a.txt')->field('Content-Type'), qr{^text/x-second},
	    'the same goes for types');
	configure();
	is($daemon->prong('reload')->{status}, 0, 'and all is as before');
}

# Connections that live through it.
{
	my $idle = $daemon->connect;
	is($idle->request('GET', '/a.txt')->{body}, "one\n", 'a connection');
	my $busy = $daemon->connect;
	$busy->send(Prong::request('POST', '/echo', [ 'Content-Length: 10',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';
	$busy->send('01234');
	configure(root => 'two');
	is($daemon->prong('reload')->{status}, 0, 'and a reload');
	$busy->send('56789');
	my $answer = $busy->answer('POST');
	is($answer->{body}, '0123456789', 'a request in flight is answered');
	is($answer->field('Connection'), 'close', 'and the last one there');
	my $last = $idle->request('GET', '/a.txt');
	is($last->{body}, "one\n", 'an idle connection is answered by its own '
	    . 'generation');
	is($last->field('Connection'), 'close', 'and told to close');
	is($idle->rest, '', 'which happens');
	wait_until { generations($daemon) == 1 } 'the end of the one before';
	pass('then the generation before has drained');
}

# Listeners.
{
	my $second = folder() . '/second';
	configure(head => "listen = [ \"127.0.0.1:0\", \"unix:$second\" ];");
	is($daemon->prong('reload')->{status}, 0, 'a listener is added');
	is(Prong::Client->new("unix:$second")->request('GET', '/a.txt')
	    ->{body}, "one\n", 'and answers');
	my @waiting = map { Prong::Client->new("unix:$second") } 1 .. 20;
	$_->send(Prong::request('GET', '/a.txt')) for @waiting;
	configure();
	is($daemon->prong('reload')->{status}, 0, 'it is removed');
	ok(!-e $second, 'its file as well');
	is(scalar(grep { my $answer = $_->answer;
	    $answer && $answer->{body} eq "one\n" } @waiting), 20,
	    'those who had connected are answered');

	my $other = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1,
	    LocalPort => 0) or die "listen: $@";
	my $taken = '127.0.0.1:' . $other->sockport;
	configure(head => "listen = [ \"127.0.0.1:0\", \"$taken\" ];",
	    root => 'two');
	my $run = $daemon->prong('reload');
	is($run->{status}, 1, 'an address that another process has fails');
	like($run->{errors}, qr/^error: .*\Q$taken\E.*in use/m,
	    'and says which');
	is($daemon->get('/a.txt')->{body}, "one\n", 'nothing has changed');
}

# Handlers whose shared object is another.
{
	install("$test_plugins/constant.so", 'constant');
	configure(routes => '{ path = "/"; constant = { }; },'
	    . ' { path = "/one"; static = { root = "%s"; }; }');
	is($daemon->prong('reload')->{status}, 0, 'a handler is added');
	my $before = $daemon->get('/')->{body};
	my $so = "$plugins/static.so";
	open my $file, '+<', $so or die "$so: $!";
	truncate $file, 0;
	close $file;
	is($daemon->get('/one/a.txt')->{body}, "one\n",
	    'overwriting a shared object in place harms nobody');
	my $run = $daemon->prong('reload');
	is($run->{status}, 1, 'but no reload takes it up');
	like($run->{errors}, qr{^error: \S+reload/prongd\.conf:4: static: }m,
	    'and says where it is named');
	is($daemon->get('/one/a.txt')->{body}, "one\n", 'it is served on');
	install_built('static');
	is($daemon->prong('reload')->{status}, 0, 'mended, it is taken up');
	is($daemon->get('/')->{body}, $before, 'beside the others');
}

# What is wrong: title, configuration, what is said.
my %wrong = (
	'a syntax error' => [ sub { write_file('reload/prongd.conf',
	    "listen = [ \"127.0.0.1:0\" ];\nsites = ( {\n") },
	    qr{^error: \S+reload/prongd\.conf:\d+: }m ],
	'an unknown setting' => [ sub { configure(head => "lisen = 1;") },
	    qr{^error: \S+prongd\.conf:3: lisen: }m ],
	'no configuration at all' => [ sub { unlink $config },
	    qr{^error: \S+prongd\.conf: cannot be opened: No such file}m ],
	'a folder that is not there' => [ sub { configure(routes =>
	    '{ path = "/"; static = { root = "/nowhere/%s"; }; }') },
	    qr{^error: \S+prongd\.conf:4: .*/nowhere/}m ],
	map { my ($name, $says) = @$_;
	    ("a plugin of the sort $name" => [ sub {
		install("$test_plugins/$name.so", $name);
		configure(head => 'listen = [ "127.0.0.1:0" ]; '
		    . 'open_timeout = "3 s";',
		    routes => "{ path = \"/\"; $name = { }; }, "
		    . '{ path = "/one"; static = { root = "%s"; }; }');
	    }, qr{^error: \S+prongd\.conf:4: $says}m ]) }
	    [ badmajor => qr/badmajor: .*\b99\b/ ],
	    [ crashload => qr/crashload: crashed \(Aborted\) while it was/ ],
	    [ crashopen => qr/crashopen: crashed \(Segmentation fault\) in/ ],
	    [ exitopen => qr/exitopen: ended the process with status 7/ ],
	    [ endless => qr/endless: took more than 3 s in its function/ ],
);

configure();
is($daemon->prong('reload')->{status}, 0, 'a good one again');
for my $title (sort keys %wrong) {
	my ($break, $says) = @{$wrong{$title}};
	wait_until { generations($daemon) == 1 } 'the end of those before';
	my @before = generations($daemon);
	my $kept = $daemon->connect;
	$kept->request('GET', '/a.txt');
	$break->();
	my $run = $daemon->prong('reload');
	is($run->{status}, 1, "with $title the reload fails");
	like($run->{errors}, $says, 'and says why')
	    or diag $daemon->log;
	is($kept->request('GET', '/a.txt')->field('Connection') || 'kept',
	    'kept', 'nobody is told to close');
	is_deeply([ generations($daemon) ], \@before,
	    'the same generation goes on');
}

# After one that failed, a generation that is killed starts from what was good.
{
	my ($generation) = generations($daemon);
	kill 'KILL', $generation;
	wait_until { my @now = generations($daemon);
	    @now == 1 && $now[0] != $generation } 'another generation';
	is(eval { wait_until { eval { $daemon->get('/a.txt')->{body} } } },
	    "one\n", 'the last good set is the one before');
}

# Several at once are merged.
{
	configure();
	my $log = length $daemon->log;
	my @pids = map { my $pid = fork // die "fork: $!";
	    unless ($pid) {
		my $run = $daemon->prong('reload');
		POSIX::_exit($run->{status});
	    }
	    $pid } 1 .. 12;
	my $failed = grep { waitpid $_, 0; $? } @pids;
	is($failed, 0, 'twelve reloads at once succeed');
	my $ready = () = substr($daemon->log, $log)
	    =~ /generation \d+ is ready/g;
	cmp_ok($ready, '<=', 12, 'each by a generation that began after it');
	wait_until { generations($daemon) == 1 } 'the end of all but one';
	pass('one generation is left');
}

# The number of generations is bounded. Each here is kept by an idle connection.
{
	my @idle;
	my $keep_one = sub {
		my $client = $daemon->connect;
		$client->request('GET', '/a.txt');
		push @idle, $client;
	};
	my $reload = sub {
		my $pid = fork // die "fork: $!";
		return $pid if $pid;
		my $run = $daemon->prong('reload');
		POSIX::_exit($run->{output} =~ /^waiting: (\d+) generations/
		    ? $1 : $run->{status} || 100);
	};
	for (1 .. 14) {
		$keep_one->();
		is($daemon->prong('reload')->{status}, 0, 'a reload');
	}
	is(scalar generations($daemon), 15, 'fifteen generations live');
	my $first = $reload->();
	$daemon->wait_log(qr/the reload waits: 15 generations live/);
	my $second = $reload->();
	is($daemon->get('/a.txt')->{status}, 200, 'the last one serves on');
	is(waitpid($first, POSIX::WNOHANG()), 0, 'another reload waits');
	# The processes that ask for the reloads have the sockets as well.
	(shift @idle)->finish;
	waitpid $first, 0;
	is($? >> 8, 15, 'it says so, and goes on when one has drained');
	$_->finish for @idle;
	waitpid $second, 0;
	isnt($?, 1 << 8, 'and so does the one after it');
	wait_until { generations($daemon) == 1 } 'the end of all but one';
	pass('all but one drain');
}

# New connections while reloads follow each other.
{
	my $load = Prong::Load->start('-c', 8, '-s', 300, '-b',
	    folder('one') . '/a.txt', '-p', '/a.txt', $daemon->address);
	my $reloads = 0;
	my $until = time + 1;
	# A busy machine may take more than a second for two.
	while (time < $until || $reloads < 2) {
		my $run = $daemon->prong('reload');
		$run->{status} == 0 or last;
		$reloads++;
	}
	my $result = $load->stop;
	is($result->{errors} + $result->{connect} + $result->{status}
	    + $result->{mismatch}, 0, 'under load no request is lost')
	    or diag $result->{line};
	cmp_ok($reloads, '>=', 2, 'through several reloads');
	cmp_ok($result->{requests}, '>', 20, 'and many requests');
}

is_deeply([ Prong::Process::lasting_zombies($daemon->pid) ], [],
    'no zombie is left');
is($daemon->stop, 0, 'the daemon stops');
ok(!-e $daemon->control, 'the control socket is removed');

done_testing;
