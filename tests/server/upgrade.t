# Another release takes the master's place: the same process, sockets and
# generations, and no request lost; or it does not, and nothing changes.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use IO::Socket::INET;
use JSON::PP ();
use Socket ();
use Test::More;

use Prong;
use Prong::Gate;
use Prong::Load;
use Prong::Process;

my $built = Prong::program();
my $prong = $built =~ s/prongd\z/prong/r;
my $program = folder('sbin') . '/prongd';
my $release = `$built -V` =~ /prongd (\S+)/ ? $1 : die "no release";
my $other = $release =~ s/\d\z/'9'/er;
die "the release is $release" if $other eq $release;

# Puts a program where the running one is from, as packages do: by renaming.
sub put {
	my ($content) = @_;
	open my $file, '>:raw', "$program.new" or die "$program.new: $!";
	print $file $content or die "$program.new: $!";
	close $file or die "$program.new: $!";
	chmod 0755, "$program.new";
	rename "$program.new", $program or die "$program: $!";
	return;
}

my $own = read_file($built);
my $later = $own =~ s/\Q$release\E(?=\0)/$other/gr;
isnt($later, $own, 'there is another release');
put($own);
copy($prong, folder('sbin') . '/prong') or die "prong: $!";
chmod 0755, folder('sbin') . '/prong';
$ENV{PRONGD} = $program;

my $file = write_file('www/a.txt', "a\n" x 100);
my $unix = folder() . '/socket';
my $config = config('access_log = "' . folder('log') . '/access.log"; '
    . "listen = [ \"127.0.0.1:0\", \"unix:$unix\" ];\n"
    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
    . folder('www') . '"; }; }, { path = "/echo"; echo = { }; } ); } );');
my $daemon = start($config);
my $pid = $daemon->pid;

sub status {
	return JSON::PP::decode_json(
	    $daemon->prong('--json', 'status')->{output});
}

sub generations {
	return Prong::Process::children($pid);
}

is(status()->{version}, $release, 'a release serves');

# One that takes over, under load.
{
	my ($before) = generations();
	my $title = Prong::Process::title($pid);
	my $idle = $daemon->connect;
	$idle->request('GET', '/a.txt');
	my $busy = $daemon->connect;
	$busy->send(Prong::request('POST', '/echo', [ 'Content-Length: 4',
	    'Expect: 100-continue' ]));
	wait_until { $busy->{got} =~ /100 Continue/ || ($busy->fill, 0)[1] }
	    '100 Continue';
	my $load = Prong::Load->start('-c', 4, '-s', 300, '-b', $file, '-p',
	    '/a.txt', $daemon->address);
	put($later);
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 0, 'prong upgrade succeeds') or diag $daemon->log;
	like($run->{output}, qr/^prongd \Q$other\E has taken over$/m,
	    'and says who serves now');
	my $now = status();
	is($now->{version}, $other, 'another release serves');
	is($now->{pid}, $pid, 'in the same process');
	is(Prong::Process::title($pid), $title, 'with the same arguments');
	is($idle->request('GET', '/a.txt')->field('Connection'), 'close',
	    'an idle connection is answered and told to close');
	$busy->send('1234');
	is($busy->answer('POST')->{body}, '1234',
	    'a request in flight is answered');
	my $result = $load->stop;
	is($result->{errors} + $result->{connect} + $result->{status}
	    + $result->{mismatch}, 0, 'no request is lost')
	    or diag $result->{line};
	is(Prong::Client->new("unix:$unix")->request('GET', '/a.txt')
	    ->{status}, 200, 'every listener lives');
	wait_until { my @now = generations(); @now == 1
	    && $now[0] != $before } 'the end of the generation before';
	pass('the generation of the release before has drained');
}

# And back, twice in a row.
for my $again (1, 2) {
	put($again == 1 ? $own : $later);
	is($daemon->prong('upgrade')->{status}, 0, "upgrade $again more");
}
is(status()->{version}, $other, 'the last one serves');
is(status()->{pid}, $pid, 'in the same process still');

# Without prong(1), and what status and reload tell is handed on.
{
	put($own);
	$daemon->kill('USR2');
	wait_until { status()->{version} eq $release } 'the upgrade';
	is(status()->{pid}, $pid, 'SIGUSR2 is an upgrade, too');
	wait_until { generations() == 1 } 'the end of those before';
	my $route = '{ path = "/"; echo = { }; }';
	my $text = read_file($config)
	    =~ s{(.*)\);}{$1, { hosts = "x.example"; routes = ( $route ); } );}sr;
	open my $changed, '>', $config or die "$config: $!";
	print $changed $text;
	close $changed or die "$config: $!";
	put($later);
	like($daemon->prong('upgrade')->{output}, qr/2 sites, before 1$/m,
	    'a change of sites is told');
}

# What is no release, or finds something wrong.
my %wrong = (
	'nothing at all' => sub { unlink $program },
	'another program' => sub { put(read_file('/bin/false')) },
	'a script' => sub { put("#!/bin/sh\nexit 0\n") },
	'half a program' => sub { put(substr $own, 0, 5000) },
	'a program that may not be executed' => sub {
		put($own); chmod 0644, $program },
);
for my $title (sort keys %wrong) {
	wait_until { generations() == 1 } 'the end of those before';
	my @before = generations();
	$wrong{$title}->();
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 1, "with $title the upgrade fails");
	like($run->{output}, qr/^the upgrade has failed: .*release \Q$other\E /m,
	    'and says who goes on');
	is(status()->{version}, $other, 'which is so');
	is_deeply([ generations() ], \@before, 'with the same generation');
	is($daemon->get('/a.txt')->{status}, 200, 'that serves');
}

# A program that others could change: the same owners and modes are demanded as of
# a plugin, of each folder on the way, too.
{
	my $sbin = folder('sbin');
	my $elsewhere = folder('elsewhere');
	my $below = folder('elsewhere/below');
	my $said = sub {
		my ($path, $owner, $mode) = @_;
		my $ours = $> ? "0 or $>" : '0';
		return qr/^error: found \Q$path\E with owner $owner and mode $mode; possible: owner $ours, and writable by nobody else \(chown, chmod go-w\)$/m;
	};
	my $linked = sub {
		my ($to) = @_;
		copy($built, $to) or die "$to: $!";
		chmod 0755, $to;
		unlink $program;
		symlink $to, $program or die "$program: $!";
	};
	my @changes = (
		(map { my $mode = $_; [ "a program of mode $mode",
		    sub { chmod oct $mode, $program }, sub {},
		    $said->($program, $>, $mode) ] } qw(0775 0757 0777)),
		(map { my $mode = $_; [ "a folder of mode $mode",
		    sub { chmod oct $mode, $sbin },
		    sub { chmod 0755, $sbin },
		    $said->($sbin, $>, $mode) ] } qw(0775 0757 1777)),
		[ 'a folder above of mode 0777', sub { chmod 0777, folder() },
		    sub { chmod 0755, folder() },
		    $said->(folder(), $>, '0777') ],
		[ 'a link into a folder of mode 0777', sub {
			$linked->("$elsewhere/prongd"); chmod 0777, $elsewhere; },
		    sub { chmod 0755, $elsewhere },
		    $said->($elsewhere, $>, '0777') ],
		[ 'a link below a folder of mode 0777', sub {
			$linked->("$below/prongd"); chmod 0777, $elsewhere; },
		    sub { chmod 0755, $elsewhere },
		    $said->($elsewhere, $>, '0777') ],
		[ 'a link to a program of mode 0666', sub {
			$linked->("$elsewhere/prongd");
			chmod 0666, "$elsewhere/prongd"; }, sub {},
		    $said->("$elsewhere/prongd", $>, '0666') ],
		[ 'a link to itself', sub { unlink $program;
			symlink $program, $program or die; }, sub {},
		    qr/^error: \Q$program\E: Too many levels/m ],
		[ 'a folder', sub { unlink $program; mkdir $program or die; },
		    sub { rmdir $program },
		    qr/^error: \Q$program\E: found what is no regular file$/m ],
		running_as_root ? (
		[ "another's program", sub { chown 65533, -1, $program },
		    sub {}, $said->($program, 65533, '0755') ],
		[ "another's folder", sub { chown 65533, -1, $sbin },
		    sub { chown 0, -1, $sbin },
		    $said->($sbin, 65533, '0755') ]) : (),
	);
	for (@changes) {
		my ($title, $change, $undo, $says) = @$_;
		put($own);
		$change->();
		my $run = $daemon->prong('upgrade');
		$undo->();
		is($run->{status}, 1, "with $title the upgrade fails");
		like($run->{errors}, $says, 'and says what is wrong');
		like($run->{output}, qr/^the upgrade has failed: .*release \Q$other\E /m,
		    'and who goes on');
		is(status()->{version}, $other, 'which is so');
	}
	put($later);
	rename $program, "$below/prongd" or die "$below/prongd: $!";
	symlink "../elsewhere/below/prongd", $program or die "$program: $!";
	is($daemon->prong('upgrade')->{status}, 0, 'a link between good '
	    . 'folders is followed');
	is(status()->{version}, $other, 'to the release');
}

{
	put($own);
	my $good = read_file($config);
	write_file($config, "nonsense");
	my $run = $daemon->prong('upgrade');
	is($run->{status}, 1, 'a configuration that is wrong fails it, too');
	like($run->{errors}, qr{^error: \Q$config\E:1: }m, 'and is told');
	is(status()->{version}, $other, 'the release stays');
	write_file($config, $good);
}

# What a resumed master does when its generation dies, and at the end.
{
	my ($generation) = generations();
	kill 'KILL', $generation;
	wait_until { my @now = generations();
	    @now == 1 && $now[0] != $generation } 'another generation';
	is(eval { wait_until { eval { $daemon->get('/a.txt')->{status} } } },
	    200, 'a resumed master replaces its generation');
	is_deeply([ Prong::Process::lasting_zombies($pid) ], [],
	    'and leaves no zombie');
	my @open = sort map { s/\d+//gr } values
	    %{{ Prong::Process::descriptors($pid) }};
	is(scalar(grep { /prong-state|prong-handover/ } @open), 0,
	    'no state is left open') or diag join "\n", @open;
	is($daemon->stop, 0, 'it stops');
	ok(!-e $unix && !-e $daemon->control, 'and removes its sockets');
}

# What is asked for while the new program proves itself.
put($own);
my $plugins = folder('plugins');
Prong::Gate::install($plugins, 'static');

sub start_gated {
	return start(config("plugin_dir = \"$plugins\"; access_log = \""
	    . folder('gated') . '/access.log"; open_timeout = "60 s";'
	    . 'sites = ( { routes = ( { path = "/"; static = { root = "'
	    . folder('www') . '"; }; }, { path = "/l"; lingers = { }; } ); '
	    . '} );'));
}

sub begin_upgrade {
	my ($gated) = @_;
	my $seen = () = $gated->log =~ /trying/g;
	my $asked = Prong::Gate::ask($gated, 'upgrade');
	wait_until { (() = $gated->log =~ /trying/g) > $seen } 'the proof';
	return $asked;
}

sub status_of {
	return JSON::PP::decode_json($_[0]->prong('--json', 'status')->{output});
}

{
	my $gated = start_gated();
	my $idle = $gated->connect;
	$idle->request('GET', '/a.txt');
	my $gate = Prong::Gate->shut;
	my $upgrade = begin_upgrade($gated);
	my @asked = map { Prong::Gate::ask($gated, $_) } qw(reopen reload);
	$gated->kill($_) for qw(HUP USR1);
	is(status_of($gated)->{state}, 'serving',
	    'beside a proof the server says how it is');
	is_deeply([ map { $_->{number} } @{status_of($gated)->{generations}} ],
	    [ 1 ], 'and begins nothing that would be half done');
	rename folder('gated') . '/access.log', folder('gated')
	    . '/access.log.1' or die "access.log: $!";
	my $status = Prong::Gate::ask($gated, 'status');
	$gate->open;
	is((Prong::Gate::answer($upgrade))[1], 0, 'the upgrade succeeds');
	my ($said, $end) = Prong::Gate::answer($asked[1]);
	is($end, 0, 'so does the reload that waited');
	like($said, qr/\Awaiting: an upgrade comes first$/m, 'and was told so');
	is((Prong::Gate::answer($status))[1], 0, 'status has been told');
	wait_until { -e folder('gated') . '/access.log' } 'the new log';
	$idle->close;
	is((Prong::Gate::answer($asked[0]))[1], 0, 'the logs are reopened');
	is($gated->get('/a.txt')->{status}, 200, 'it serves');

	# To stop comes first.
	$gate = Prong::Gate->shut;
	$upgrade = begin_upgrade($gated);
	my $drain = Prong::Gate::ask($gated, 'drain 600000');
	($said, $end) = Prong::Gate::answer($upgrade);
	is($end, 1, 'a drain ends the upgrade');
	like($said, qr/failed: prongd is stopping/, 'which is told');
	is(status_of($gated)->{state}, 'leaving', 'the drain is in force');
	$gate->open;
	is($gated->stop, 0, 'the daemon stops');
}

{
	my $gated = start_gated();
	my $gate = Prong::Gate->shut;
	my $upgrade = begin_upgrade($gated);
	my @below = Prong::Process::children($gated->pid);
	is($gated->stop, 0, 'to stop ends the proof');
	is((Prong::Gate::answer($upgrade))[1], 1, 'and the upgrade');
	is_deeply([ Prong::Process::lasting(@below) ], [],
	    'nothing is left of it');
	$gate->open;
}

# The master's end.
for my $what (qw(upgrade reload)) {
	my $gated = start_gated();
	my $gate = Prong::Gate->shut;
	my $asked = Prong::Gate::ask($gated, $what);
	wait_until { $gated->log =~ /trying/ || Prong::Process::children(
	    $gated->pid) > 1 } 'its beginning';
	my @below = grep { $_ != $gated->pid } Prong::Process::tree($gated->pid);
	$gated->kill('KILL');
	$gated->wait;
	is(eval { wait_until { !grep { Prong::Process::lives($_) } @below } },
	    1, "a killed master leaves no process in the midst of $what")
	    or diag map { Prong::Process::title($_) . "\n" } @below;
	$gate->open;
}

# States that no release would take over from.
{
	my $good = config('access_log = "off"; sites = ( { routes = ( '
	    . '{ path = "/"; static = { root = "' . folder('www')
	    . '"; }; } ); } );');
	my $listener = IO::Socket::INET->new(Listen => 1,
	    LocalAddr => '127.0.0.1:0') or die "listen: $!";
	socketpair my $near, my $far, Socket::AF_UNIX(),
	    Socket::SOCK_SEQPACKET(), 0 or die "socketpair: $!";
	open my $null, '+<', '/dev/null' or die "/dev/null: $!";
	my ($protocol) = read_file("$ENV{PRONG_SRCDIR}/src/handover/protocol.h")
	    =~ /PROTOCOL_NUMBER (\d+)/ or die 'no number of the protocol';
	# 3 is the state, 4 to 6 these.
	my @lines = ("prong-state $protocol", 'started 1700000000', 'generations 3',
	    'program-path /usr/sbin/prongd', 'log 1 2', 'totals-fd 4',
	    'access-log-fd -1',
	    'error-log-fd 4', 'standard-error-fd -1',
	    'listener-fd 5 0 0 127.0.0.1:0',
	    'generation-fd 6 3 4711 1 1000 2000 0',
	    'identity 0 0 0 ', 'source-fd 4 /nowhere', 'error-log-path stderr',
	    'log-level 2', 'stop-grace 1', 'drain-timeout 1',
	    'open-timeout 1', 'end');
	my $prove = sub {
		my ($text) = @_;
		open my $state, '<', write_file('state', $text) or die $!;
		return Prong::prongd('--prove', '3,-1', '-c', $good,
		    { sockets => [ $state, $null, $listener, $near ] });
	};
	my $whole = join '', map { "$_\n" } @lines;
	my $run = $prove->($whole);
	is($run->{status}, 0, 'a whole state is understood')
	    or diag $run->{errors};
	my $with = sub {
		my ($from, $to) = @_;
		(my $text = $whole) =~ s/^\Q$from\E$/$to/m or die $from;
		return $text;
	};
	my @states = (
		(map { [ "of protocol $_", $with->("prong-state $protocol",
		    "prong-state $_"),
		    qr/speaks protocol $protocol, .* protocol $_$/m ] }
		    $protocol + 1, $protocol - 1),
		[ 'of no protocol',
		    $with->("prong-state $protocol", 'prong-state'),
		    qr/does not begin with/ ],
		[ 'of nothing', '', qr/does not begin with/ ],
		[ 'that is cut after a line',
		    join('', map { "$_\n" } @lines[0 .. $#lines - 1]),
		    qr/the state is cut/ ],
		[ 'that is cut within a line', substr($whole, 0,
		    index($whole, 'stop-grace') + 5), qr/the state is cut/ ],
		[ 'without a program', $with->('program-path /usr/sbin/prongd',
		    'group 1'), qr/lacks lines/ ],
		[ 'without an error log', $with->('error-log-path stderr',
		    'group 1'), qr/lacks lines/ ],
		map { my ($from, $to) = @$_;
		    [ "with \"$to\"", $with->($from, $to),
		    qr/has an unusable line "\Q$to\E"/ ] }
		    [ $lines[8], 'listener-fd 99 0 0 127.0.0.1:0' ],
		    [ $lines[8], 'listener-fd -1 0 0 127.0.0.1:0' ],
		    [ $lines[8], 'listener-fd 4 0 0 127.0.0.1:0' ],
		    [ $lines[8], 'listener-fd 4294967301 0 0 127.0.0.1:0' ],
		    [ $lines[8], 'listener-fd x 0 0 127.0.0.1:0' ],
		    [ $lines[9], 'generation-fd 5 3 4711 1 1000 2000 0' ],
		    [ $lines[9], 'generation-fd 6 3 1 1 1000 2000 0' ],
		    [ $lines[9], 'generation-fd 6 3 4711 9 1000 2000 0' ],
		    [ $lines[9], 'generation-fd 6 3 4711 1 1000 2000' ],
		    [ $lines[9], 'generation-fd 6 3 4711 1' ],
		    [ $lines[11], 'source-fd 99 /nowhere' ],
		    [ $lines[11], 'source-fd -1 /nowhere' ],
		    [ $lines[4], 'log 1 99' ],
		    [ $lines[1], 'started soon' ],
		    [ $lines[2], 'generations 99999999999999999999' ],
		    [ $lines[14], 'stop-grace -1' ],
		    [ $lines[14], 'client-fd 6 99' ],
		    [ $lines[14], 'client-fd 5 1' ],
		    [ $lines[14], 'control-socket-fd 5 /path' ],
		    [ $lines[14], 'wish 1' ],
		    [ $lines[14], 'started 1' ],
		    [ $lines[14], 'generation 1' ],
		    [ $lines[14], 'listener 5 0 0 127.0.0.1:0' ],
		    [ $lines[8], 'listener-fd 5' ],
		    [ $lines[8], 'listener-fd 5 0 0 ' ],
		    [ $lines[8], 'listener-fd 5 0 127.0.0.1:0' ],
		    [ $lines[6], 'error-log-fd -1' ],
		    [ $lines[6], 'error-log-fd 4 /log' ],
	);
	for (@states) {
		my ($title, $text, $says) = @$_;
		my $result = $prove->($text);
		is($result->{status}, 1, "a state $title is refused");
		like($result->{errors}, $says, 'and the reason is told');
	}
}

done_testing;
