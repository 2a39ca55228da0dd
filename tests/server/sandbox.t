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
	like($run->{errors}, qr/$at:\d+: flag of route \/ may read $state$/m,
	    'the folder of a file');
	like($run->{errors}, qr/$at:\d+: static of route \/ may read and list $www, read and list \/usr\/share$/m,
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

# The numbers of seccomp and prctl. landlock_restrict_self has its number
# everywhere but on alpha.
my %numbers = (x86_64 => [ 317, 157 ], aarch64 => [ 277, 167 ]);
my $restrict_self = 446;

# A program that becomes prongd, with a filter that lets it run as where the
# kernel lacks a system call: that number, or all of seccomp.
sub prongd_without {
	my ($lack) = @_;
	my ($seccomp, $prctl) = @{ $numbers{(POSIX::uname)[4]} };
	my $number = $lack eq 'seccomp' ? $seccomp : $lack;
	my $run = write_file("without-$lack", <<"PERL");
#!$^X
use strict;
use warnings;
# ENOSYS for the number; EINVAL for prctl(PR_SET_SECCOMP) as well where that is
# seccomp's.
sub step { return pack 'S C C L', \@_ }
my \$code = step(0x20, 0, 0, 0)
    . step(0x15, 0, 1, $number) . step(0x06, 0, 0, 0x50000 + 38);
\$code .= step(0x15, 0, 3, $prctl) . step(0x20, 0, 0, 16)
    . step(0x15, 0, 1, 22) . step(0x06, 0, 0, 0x50000 + 22)
    if $number == $seccomp;
\$code .= step(0x06, 0, 0, 0x7fff0000);
my \$program = pack 'S x![P] P', length(\$code) / 8, \$code;
syscall($prctl, 38, 1, 0, 0, 0) == 0
    && syscall($seccomp, 1, 0, \$program) == 0 or die "seccomp: \$!";
exec '$ENV{PRONGD}', \@ARGV;
PERL
	chmod 0755, $run;
	return $run;
}

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
	    unless $numbers{(POSIX::uname)[4]};
	my $abi = Prong::Hostile::landlock_abi();

	subtest 'a sandbox that fails halfway' => sub {
		plan skip_all => 'this kernel has no Landlock' if $abi == 0;
		local $ENV{PRONGD} = prongd_without($restrict_self);
		ok(!eval { serve('on') }, 'does not serve');
		like($@, qr/error: cannot make the sandbox: Function not/,
		    'and says why');
	};

	subtest 'a kernel without seccomp' => sub {
		local $ENV{PRONGD} = prongd_without('seccomp');
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
