# The setting sandbox, and what -t tells of it: what each handler may do, and
# which rules are wider than meant.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use POSIX ();
use Test::More;

use Prong;
use Prong::Act;
use Prong::Hostile;

my $www = folder('www');
my $plugins = Prong::Act::plugin_folder('act', 'hostile', 'hostile_free');
write_file('www/index.html', "hello\n");

sub check {
	my ($routes, @arguments) = @_;
	my $settings = $routes =~ s/\A(sandbox = "\w+";)// ? $1 : '';
	return prongd('-t', @arguments, '-c', config("$settings\n"
	    . "plugin_dir = \"$plugins\";\nsites = ( { routes = (\n"
	    . "$routes\n); } );\n"));
}

my $flag = folder('state') . '/flag';
my $routes = <<"CONF";
{ path = "/"; flag = { file = "$flag"; };
static = { root = "$www"; also = "/usr/share"; }; },
{ path = "/act"; act = { }; },
{ path = "/free"; hostile_free = { own = "$www"; port = 99; }; }
CONF

subtest 'prongd -t -v tells what handlers may do' => sub {
	my $run = check($routes, '-v');
	is($run->{status}, 0, 'nothing is wrong') or diag $run->{errors};
	my $at = qr/info: \S+\.conf/;
	my $state = folder('state');
	like($run->{errors}, qr/$at:\d+: flag of route \/ may read $state; it promises that it can share a process, and that its process can be used again$/m,
	    'the folder of a file');
	like($run->{errors}, qr/$at:\d+: static of route \/ may read and list $www, read and list \/usr\/share; it promises .*share a process, and .* used again$/m,
	    'folders');
	like($run->{errors}, qr/$at:\d+: act of route \/act may open no file$/m,
	    'nothing, for who names nothing');
	like($run->{errors}, qr/$at:\d+: hostile_free of route \/free may read and list $www, connect to TCP port 99, use the network, start processes, start threads$/m,
	    'ports and what is declared');
	unlike(check($routes)->{errors}, qr/ may /, 'without -v it is silent');
	like(check("sandbox = \"off\";$routes", '-v')->{errors},
	    qr/info: sandbox = "off": handlers may do whatever/,
	    'with the sandbox off that is what it tells');
};

subtest 'a file in a folder that holds much else' => sub {
	for my $folder ('/', '/etc', '/tmp', '/var/tmp', '/dev/shm', '/home',
	    '/usr', '/var', '/run') {
		my $file = $folder eq '/' ? '/flag' : "$folder/flag";
		my $run = check("{ path = \"/\";\nflag = { file = \"$file\"; }; }");
		is($run->{status}, 0, "$folder is no error");
		like($run->{errors}, qr/warning: \S+\.conf:\d+: flag\.file: found "$file": the sandbox lets the handler read all of $folder, /,
		    'but warned of, with file and line');
	}
	unlike(check($routes)->{errors}, qr/warning/,
	    'a folder of its own is fine, and so is one that is meant');
	unlike(check('sandbox = "off";{ path = "/"; flag = { file = '
	    . '"/tmp/flag"; }; }')->{errors}, qr/warning/,
	    'without a sandbox there is nothing to warn of');
};

subtest 'the setting' => sub {
	my $run = check("sandbox = \"maybe\";$routes");
	is($run->{status}, 1, 'a value that is none is an error');
	like($run->{errors}, qr/sandbox: found "maybe"; possible: .*required/,
	    'which tells those that there are');
	my $route = "{ path = \"/\"; static = { root = \"$www\"; }; }";
	my $octets = request('GET', '/', [ 'Connection: close' ]);
	local %ENV = (%ENV, Prong::Hostile::environment_of_abi(2));
	$run = prongd('--once', '-c', config("sandbox = \"required\";\n"
	    . "sites = ( { routes = ( $route ); } );"), { input => $octets });
	isnt($run->{status}, 0, '"required" does not serve where the kernel '
	    . 'lacks something');
	is($run->{output}, '', 'not even a page');
	like($run->{errors}, qr/sandbox = "required", and Landlock ABI [012] /,
	    'and says what');
	is(get(config("sandbox = \"on\";\nsites = ( { routes = ( $route ); } "
	    . ');'), '/')->{body}, "hello\n", '"on" does');
	is(get(config("sandbox = \"off\";\nsites = ( { routes = ( $route ); } "
	    . ');'), '/')->{body}, "hello\n", 'and so does "off"');
	# What a preloaded library can do, the variable alone cannot.
	delete $ENV{LD_PRELOAD};
	$ENV{PRONG_LANDLOCK_ABI} = 0;
	SKIP: {
		my $abi = Prong::Hostile::landlock_abi();
		skip "this kernel has Landlock ABI $abi", 1 if $abi < 6;
		is(get(config("sandbox = \"required\";\nsites = ( { routes = "
		    . "( $route ); } );"), '/')->{body}, "hello\n",
		    '"required" serves where it lacks nothing');
	}
};

# landlock_restrict_self has its number everywhere but on alpha.
my $restrict_self = 446;

# A page, and the log.
sub serve {
	my ($sandbox) = @_;
	my $daemon = start(config("sandbox = \"$sandbox\";\nsites = ( { "
	    . "routes = ( { path = \"/\"; static = { root = \"$www\"; }; } "
	    . '); } );'));
	my $body = $daemon->get('/')->{body};
	$daemon->stop;
	return ($body, $daemon->log);
}

SKIP: {
	skip 'the numbers of this machine\'s system calls are not known', 2
	    unless Prong::Hostile::knows_numbers();
	my $abi = Prong::Hostile::landlock_abi();

	subtest 'a sandbox that fails halfway' => sub {
		plan skip_all => 'this kernel has no Landlock' if $abi == 0;
		local $ENV{PRONGD} = Prong::Hostile::program_without(
		    $restrict_self);
		ok(!eval { serve('on') }, 'does not serve');
		like($@, qr/error: cannot make the sandbox: landlock_restrict_self: Function not/,
		    'and says why');
	};

	subtest 'a kernel without seccomp' => sub {
		local $ENV{PRONGD} = Prong::Hostile::program_without('seccomp');
		ok(!eval { serve('required') }, '"required" does not serve');
		like($@, qr/sandbox = "required", and this kernel has no seccomp/,
		    'and says why');
		my ($body, $log) = serve('on');
		is($body, "hello\n", '"on" does');
		unlike($log, qr/cannot make the sandbox/,
		    'and does not say that it has failed');
		SKIP: {
			skip 'this kernel has no Landlock', 1 if $abi == 0;
			like($log, qr/warning: sandbox: this kernel has no seccomp: handlers are kept from files, not from system calls$/m,
			    'but what is not confined');
		}
		local %ENV = (%ENV, Prong::Hostile::environment_of_abi(3));
		($body, $log) = serve('on');
		is($body, "hello\n", 'so it does with an older Landlock');
		SKIP: {
			skip 'this kernel has no such Landlock', 1 if $abi < 3;
			like($log, qr/info: sandbox: Landlock ABI 3 of this kernel does not confine TCP ports, abstract Unix sockets and signals$/m,
			    'and says what that does not confine');
		}
		$ENV{PRONG_LANDLOCK_ABI} = 0;
		($body, $log) = serve('on');
		is($body, "hello\n", 'and without any');
		like($log, qr/warning: sandbox: this kernel has neither Landlock nor seccomp: handlers may do whatever the server's user may$/m,
		    'and says that nothing is confined');
	};
}

done_testing;
