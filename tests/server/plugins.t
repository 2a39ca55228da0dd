# Plugins: who may put them there, what they must be, and what becomes of those
# that break while they are tried.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use POSIX ();
use Prong;
use Test::More;

my $built = $ENV{PRONG_TEST_PLUGINS} ||
    "$ENV{PRONG_BUILDDIR}/tests/plugins/.libs";
plan skip_all => "there are no test plugins in $built"
    unless -e "$built/probe.so";

my $plugins = folder('plugins');
for my $from (glob "$built/*.so") {
	my ($name) = $from =~ m{([^/]+)\z};
	copy($from, "$plugins/$name") or die "$from: $!";
	chmod 0644, "$plugins/$name";
}

my $count = 0;

# A configuration with these handlers in a route; they begin in line 3.
sub with {
	my ($handlers, $head) = @_;
	return write_file('with' . ++$count . '/prongd.conf',
	    "plugin_dir = \"$plugins\"; listen = \"127.0.0.1:0\";" .
	    ($head || '') . "\nsites = ( { routes = ( { path = \"/a\";\n" .
	    "$handlers\n} ); } );\n");
}

sub check {
	return prongd('-t', '-c', with(@_));
}

# The handler with that name is refused in a message of that line.
sub refused {
	my ($handlers, $pattern, $title, $head) = @_;
	my $run = check($handlers, $head);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok($run->{status} == 1 && $run->{errors} =~
	    /^prongd: error: \S+prongd\.conf:3: $pattern/m, $title)
	    or diag "status $run->{status}\n$run->{errors}";
	return $run;
}

subtest 'a good plugin' => sub {
	my $run = check('probe = { };');
	is($run->{status}, 0, 'is accepted') or diag $run->{errors};
	like($run->{errors}, qr/probe: word=none sure=1 colour=1 key= number=7 /,
	    'defaults are filled in');
	like($run->{errors}, qr/bytes=1024 ms=2000 count=0 folder=- file=- /,
	    'and so are those with units');
	like($run->{errors}, qr/deep=0 rule=-:200 test=1 route=\/a root=0/,
	    'and those of groups; it is told that this is a test');
	$run = check('probe = { word = "x"; }; ');
	like($run->{errors}, qr/word=x/, 'what is set is filled in');
};

subtest 'options of every type' => sub {
	my $folder = folder('data');
	my $key = write_file('data/key', 'hush');
	chmod 0600, $key;
	my $run = check(<<"CONF");
probe = { word = "a" "b"; sure = false; colour = "blue"; key = "$key";
  number = -10; bytes = "1 MiB"; ms = "1 min"; count = 5000000000L;
  folder = "$folder"; file = "$folder/absent"; words = [ "x", "y" ];
  files = ( "$key", "$folder" ); inner = { deep = true;
  rule = { says = "in"; status = 599; }; };
  rules = ( { says = "one"; }, { says = "two"; status = 404; } ); };
CONF
	is($run->{status}, 0, 'are accepted') or diag $run->{errors};
	like($run->{errors}, qr/word=ab sure=0 colour=2 key=hush number=-10 /,
	    'plain ones, and a secret that only its owner can read');
	like($run->{errors}, qr/bytes=1048576 ms=60000 count=5000000000 /,
	    'numbers at their bounds');
	like($run->{errors}, qr{folder=$folder file=$folder/absent deep=1 },
	    'paths');
	like($run->{errors}, qr/rule=in:599/, 'a group in a group');
	like($run->{errors}, qr/words\[0\]=x\n.*words\[1\]=y$/m, 'strings');
	like($run->{errors}, qr/files\[0\]=$key\n.*files\[1\]=$folder$/m,
	    'paths in a list');
	like($run->{errors}, qr/rules\[0\]=one:200\n.*rules\[1\]=two:404$/m,
	    'groups in a list');
	$run = check('probe = { words = "x"; };');
	like($run->{errors}, qr/words\[0\]=x/, 'one string makes a list');
};

subtest 'bad options' => sub {
	my $file = write_file('file', 'x');
	my $absent = folder() . '/absent';
	my @cases = (
		[ 'wrd = "x";', 'probe\.wrd: found an unknown setting '
		    . '\(is "word" meant\?\); possible: word, sure, colour' ],
		[ 'word = 1;', 'probe\.word: found the number 1; possible: a '
		    . 'string' ],
		[ 'sure = 1;', 'probe\.sure: found the number 1; possible: '
		    . 'true or false' ],
		[ 'colour = "pink";', 'probe\.colour: found "pink"; '
		    . 'possible: .*: red, green, blue' ],
		[ 'number = 11;', 'probe\.number: found the number 11; '
		    . 'possible: a whole number from -10 to 10' ],
		[ 'number = -11;', 'probe\.number: found the number -11' ],
		[ 'number = "5";', 'probe\.number: found "5"; possible: a '
		    . 'whole number' ],
		[ 'bytes = 0;', 'probe\.bytes: found the number 0; possible: '
		    . 'from "1 B" to "1 MiB"' ],
		[ 'bytes = "1025 KiB";', 'probe\.bytes: found "1025 KiB"' ],
		[ 'bytes = true;', 'probe\.bytes: found true; possible: a '
		    . 'string' ],
		[ 'ms = 5;', 'probe\.ms: found the number 5; possible: a '
		    . 'string: digits and a unit' ],
		[ 'ms = "61 s";', 'probe\.ms: found "61 s"; possible: from '
		    . '"1 ms" to "1 min"' ],
		[ 'folder = "relative";', 'probe\.folder: found "relative"; '
		    . 'possible: an absolute path' ],
		[ "folder = \"$absent\";", 'probe\.folder: found '
		    . '".*absent", which cannot be reached: No such file' ],
		[ "folder = \"$file\";", 'probe\.folder: found ".*file", '
		    . 'which is no folder' ],
		[ "file = \"$file/x\";", 'probe\.file: found ".*", which '
		    . 'cannot be reached: Not a directory' ],
		[ 'words = 1;', 'probe\.words: found the number 1; possible: '
		    . 'a string in quotes, or several' ],
		[ 'words = ( "a", 1 );', 'probe\.words\[1\]: found the number '
		    . '1' ],
		[ "files = [ \"$absent\" ];", 'probe\.files\[0\]: found' ],
		[ 'key = "key";', 'probe\.key: found "key"; possible: an '
		    . 'absolute path' ],
		[ "key = \"$absent\";", 'probe\.key: found ".*absent", which '
		    . 'cannot be read: No such file' ],
		[ 'key = "/dev/zero";', 'probe\.key: found "/dev/zero", which '
		    . 'cannot be read' ],
		[ 'inner = 1;', 'probe\.inner: found the number 1; possible: '
		    . 'a group' ],
		[ 'inner = { rule = { }; };', 'probe\.inner\.rule\.says: found '
		    . 'nothing; possible: this option must be set: what the '
		    . 'rule is for' ],
		[ 'rules = { };', 'probe\.rules: found a group \{ \}; '
		    . 'possible: a list of groups' ],
		[ 'rules = ( 1 );', 'probe\.rules\[0\]: found the number 1' ],
		[ 'rules = ( { says = "a"; }, { status = 9; } );',
		    'probe\.rules\[1\]\.says: found nothing' ],
		[ 'rules = ( { says = "a"; status = 9; } );',
		    'probe\.rules\[0\]\.status: found the number 9' ],
	);
	refused("probe = { $$_[0] };", $$_[1], $$_[0]) for @cases;
	my $run = refused('probe = { ms = 5; wrd = 1; number = 11; };',
	    'probe\.ms', 'of several errors the first');
	like($run->{errors}, qr/probe\.$_:/, "and $_") for qw(wrd number);
	unlike($run->{errors}, qr/word=none/, 'it is then not opened');
};

subtest 'an open that fails' => sub {
	my $run = check(<<'CONF');
probe = { word = "fail";
  rules = ( { says = "a"; }, { says = "b";
  status = 300; } ); };
CONF
	is($run->{status}, 1, 'fails the check');
	like($run->{errors}, qr/conf:3: probe\.word: must not be "fail"$/m,
	    'is told at the line of the option');
	like($run->{errors}, qr/conf:5: probe\.rules\.\[1\]\.status: is not/,
	    'within a list too');
	like($run->{errors}, qr/conf:3: probe\.bytes: is not set$/m,
	    'and at the group for an option that is not set');
	refused('probe = { word = "silent"; };',
	    'probe: could not be opened, and did not say why',
	    'without a reason it is told as well');
};

subtest 'what is no plugin' => sub {
	refused('prob = { };', 'prob: found a handler \(is "probe" meant\?\) '
	    . "whose plugin $plugins/prob\\.so cannot be opened: No such file "
	    . 'or directory; possible here: .*nohandle, .*probe',
	    'a missing one, with those that are there');
	write_file('plugins/text.so', "hello\n");
	refused('text = { };', "text: found $plugins/text\\.so, which is no ELF "
	    . 'file; possible: a shared object', 'a text');
	folder('plugins/fold.so');
	refused('fold = { };', "fold: found $plugins/fold\\.so, which is no "
	    . 'regular file', 'a folder');
	my $half = read_file("$built/probe.so");
	write_file('plugins/half.so', substr $half, 0, 4096);
	refused('half = { };', 'half: found \S+half\.so, which is cut short: it '
	    . 'has 4096 of ' . length(read_file("$built/probe.so"))
	    . ' bytes', 'the beginning of a plugin');
	write_file('plugins/less.so', substr read_file("$built/probe.so"), 0, -1);
	refused('less = { };', 'less: .* cut short', 'one without its last octet');
	write_file('plugins/bare.so', "\x7fELF");
	refused('bare = { };', 'bare: found \S+bare\.so, which is built for '
	    . 'another machine', 'no more than the first octets');
	my $other = read_file("$built/probe.so");
	# ARM, of another class than a machine of 64 bits.
	substr($other, 18, 2) = pack 'v', 40;
	write_file('plugins/other.so', $other);
	refused('other = { };', 'other: found \S+other\.so, which is built for '
	    . 'arm; possible: \S+, for which this prongd is',
	    'one for another machine');
	substr(my $program = read_file("$built/probe.so"), 16, 2) = pack 'S', 2;
	write_file('plugins/program.so', $program);
	refused('program = { };', 'program: .*, which is an ELF file of the type '
	    . '2; possible: a shared object', 'a program');
	write_file('plugins/text2.la', '# by libtool');
	refused('text2 = { };', 'text2: found a handler.* \(\S+text2\.la is there, a '
	    . 'text of libtool', 'what libtool leaves beside it');
	symlink 'nowhere', "$plugins/dangling.so";
	refused('dangling = { };', 'dangling: found a handler whose .*No such file or '
	    . 'directory \(it is a link to nowhere\)', 'a link to nothing');
	POSIX::mkfifo("$plugins/fifo.so", 0644);
	my $fifo = refused('fifo = { };', 'fifo: found \S+fifo\.so, which is no '
	    . 'regular file', 'a named pipe');
	is(() = $fifo->{errors} =~ /error:/g, 1, 'in one message');
	is(() = check('prob = { };')->{errors} =~ /error:/g, 1,
	    'a missing one, too');
	my $run = prongd('-t', '-c', write_file('nowhere/prongd.conf',
	    "plugin_dir = \"/nowhere\";\nsites = ( { routes = ( { path = "
	    . "\"/\"; probe = { }; } ); } );\n"));
	like($run->{errors}, qr/:2: probe: \/nowhere cannot be reached: No such/,
	    'a folder of plugins that is not there');
};

subtest 'descriptors' => sub {
	refused('badmagic = { };', 'badmagic: found the magic number 0x1 in '
	    . 'prong_handler of .*; possible: 0x70726f6e672f6831', 'magic');
	refused('badmajor = { };', 'badmajor: found ABI 99\.\d in .*; possible: '
	    . '1\.0 to 1\.', 'a later major ABI');
	refused('badminor = { };', 'badminor: found ABI 1\.99 in .*; possible: '
	    . '1\.0 to 1\.', 'a later minor ABI');
	refused('badsize = { };', 'badsize: found sizes of 8 and \d+ bytes',
	    'size');
	refused('badname = { };', 'badname: found the handler "another" in '
	    . '.*; possible: "badname", the file', 'name');
	refused('nohandle = { };', 'nohandle: found a handler that has no '
	    . 'function handle', 'no handle');
	refused('nosymbol = { };', 'nosymbol: found no symbol prong_handler',
	    'no descriptor at all');
	refused('undefined = { };', 'undefined: .*undefined\.so cannot be '
	    . 'loaded: undefined symbol: nobody_has_this',
	    'an undefined symbol, in the words of the linker');
	my $run = refused('badtable = { };', 'the handler "badtable" is built '
	    . 'wrongly: its option "beyond" lies outside', 'a bad table');
	like($run->{errors}, qr/its option "$$_[0]" $$_[1]/, "option $$_[0]")
	    for [ 'wrapped', 'lies outside' ],
	    [ 'small', 'is of type PRONG_TYPE_STRING and needs a member of '
	    . 'the C type const char \*, of 8 bytes, but the member has 4' ],
	    [ 'unknown', 'has the type 99, .*is PRONG_END missing' ],
	    [ 'flagged', 'has the flags 0x40000000, which this prongd does '
	    . 'not know; possible: PRONG_READ' ],
	    [ 'high', 'has the default 10, but its limits are 0 and 9' ],
	    [ 'low', 'has the default 0, but its limits are 1 and 9' ],
	    [ 'long', 'has the default 10000, but its limits are 1 and 9' ],
	    [ 'reversed', 'has the minimum 9 above its maximum 1' ], [ 'number', 'is there twice' ],
	    [ 'Case', 'has a name' ], [ 'odd', 'is not aligned' ],
	    [ 'memberless', 'is a group without members' ];
};

subtest 'bits that nobody knows' => sub {
	my $run = refused('badbits = { };', 'badbits: found the bits 0x100000 '
	    . 'in \.methods of prong_handler in \S+badbits\.so, which this '
	    . 'prongd does not know; possible: PRONG_GET', 'in methods');
	like($run->{errors}, qr/badbits: found the bits 0x10 in \.needs of .*; possible: PRONG_NEEDS_NETWORK/,
	    'in needs');
	like($run->{errors}, qr/badbits: found the bits 0x4 in \.promises of .*; possible: PRONG_SHARES_PROCESS and PRONG_REUSES_PROCESS of/,
	    'and in promises');
};

subtest 'a plugin that was built for ABI 1.0' => sub {
	my $run = prongd('-t', '-v', '-c', with('oldminor = { };'));
	is($run->{status}, 0, 'loads') or diag $run->{errors};
	like($run->{errors}, qr/oldminor of route \/a may open no file$/m,
	    'and promises nothing');
};

subtest 'a promise' => sub {
	my ($workers, $shared) = (' workers = 2;', 'process = "shared";');
	my $tell = sub {
		my $run = prongd('-t', '-v', '-c', with(@_));
		is($run->{status}, 0, "good: $_[0]") or diag $run->{errors};
		return $run->{errors};
	};
	like($tell->('promising = { };'),
	    qr/:3: promising of route \/a may open no file; it promises that/,
	    'is told, ');
	unlike($tell->('promising = { };'), qr/served by/,
	    'but without workers there is one way alone');
	like($tell->('promising = { };', $workers),
	    qr/:2: route \/a is served by a process for each connection: its handler promising does not come with prong$/m,
	    'is not sufficient,');
	like($tell->("promising = { };\n$shared", $workers),
	    qr/:2: route \/a is served by the workers for process = "shared"$/m,
	    'unless the administrator writes it,');
	refused("$shared probe = { };", 'process: found "shared" in a route '
	    . 'whose handler probe does not promise that it can share a '
	    . 'process; possible: "auto" or "own", or handlers',
	    'and necessary', $workers);
	refused("$shared oldminor = { };", 'process: found "shared" in a route '
	    . 'whose handler oldminor does not promise', 'ABI 1.0 has none',
	    $workers);
	refused("$shared promising = { }; max_memory = \"1 GiB\";", 'process: '
	    . 'found "shared" in a route that has max_memory, which holds for '
	    . 'the process of a connection', 'a limit of a process', $workers);
};

subtest 'a table without its end' => sub {
	like(check('noend = { };')->{errors}, qr/noend.*PRONG_END missing/,
	    'is taken for that');
};

subtest 'plugins that break' => sub {
	refused('crashload = { };', 'crashload: crashed \(Aborted\) while it '
	    . 'was being loaded', 'in a constructor');
	refused('crashopen = { };', 'crashopen: crashed \(Segmentation fault\) '
	    . 'in its function open', 'in open');
	refused('exitopen = { };', 'exitopen: ended the process with status 7 '
	    . 'in its function open', 'by leaving');
	refused('endless = { };', 'endless: took more than 3 s in its '
	    . 'function open', 'by staying', ' open_timeout = "3 s";');
	my $many = join ', ', ('{ slowopen = { }; }') x 60;
	like(check("handlers = ( $many );", ' open_timeout = "2 s";')->{errors},
	    qr/error: open_timeout: 60 handlers together took more than 2 s, /,
	    'nobody is blamed where many take a little');
};

subtest 'a plugin that asks for a secret by itself' => sub {
	my $secret = write_file('secret', "of another\n");
	chmod 0600, $secret;
	local $ENV{PRONG_TEST_SECRET} = $secret;
	my $run = check('ask_secret = { };');
	like($run->{errors}, qr/the secret was not given/,
	    'is given none that the configuration does not name');
	like($run->{errors}, qr/error: a plugin asked for the secret "\Q$secret\E", which the configuration does not name/,
	    'which is told');
	for my $other ("$secret.", "$secret/", "/$secret", '/etc') {
		like(check("ask_secret = { word = \"$other\"; };")->{errors},
		    qr/the secret was not given/, 'nor one like a name there');
	}
	like(check("ask_secret = { word = \"$secret\"; };")->{errors},
	    qr/the secret was given/, 'but one that it names');
};

subtest 'one check names the errors of all plugins' => sub {
	my $run = check("absent = { };\nbadmagic = { };\n" .
	    "probe = { number = 11; };\nbadname = { };");
	is($run->{status}, 1, 'it fails');
	like($run->{errors}, qr/conf:$$_[0]: $$_[1]/, $$_[1])
	    for [ 3, 'absent' ], [ 4, 'badmagic' ], [ 5, 'probe.number' ],
	    [ 6, 'badname' ];
	like(check("absent = { };\nprobe = { word = \"silent\"; };")->{errors},
	    qr/conf:4: probe: could not be opened/,
	    'those that are there are opened, whatever is missing');
};

subtest 'who may write' => sub {
	my $file = "$plugins/probe.so";
	for my $mode (0664, 0646) {
		chmod $mode, $file;
		refused('probe = { };', sprintf('probe: found %s with owner '
		    . '%d and mode %04o; possible: owner 0', $file, $>,
		    $mode), sprintf 'a file of mode %04o is refused', $mode);
	}
	chmod 0666, $file;
	my $owner = running_as_root ? '0' : "0 or $>";
	refused('probe = { };', "probe: .*possible: owner $owner, and writable",
	    'no number is told twice');
	chmod 0644, $file;
	for my $mode (0775, 0757, 01777) {
		chmod $mode, $plugins;
		refused('probe = { };', sprintf('probe: found %s with owner '
		    . '%d and mode %04o; possible: owner 0', $plugins, $>,
		    $mode), sprintf 'a folder of mode %04o is refused', $mode);
	}
	chmod 0755, $plugins;
	mkdir folder('open') or 1;
	copy($file, folder('open') . '/elsewhere.so') or die $!;
	chmod 0777, folder('open');
	symlink folder('open') . '/elsewhere.so', "$plugins/elsewhere.so";
	refused('elsewhere = { };', 'elsewhere: found \S+/open with owner',
	    'a link into a folder that others write is refused');
	chmod 0755, folder('open');
	symlink 'probe.so', "$plugins/linked.so";
	refused('linked = { };', 'linked: found the handler "probe"',
	    'a link into a good folder is followed');
	SKIP: {
		skip 'only root can give files away', 1 unless running_as_root;
		chown 65533, -1, $file;
		refused('probe = { };', 'probe: found \S+ with owner 65533 '
		    . 'and mode 0644; possible: owner 0', "another's file");
		chown 0, -1, $file;
	}
	is(check('probe = { };')->{status}, 0, 'and then all is well again');
};

subtest 'the environment leads nowhere' => sub {
	local $ENV{LTDL_LIBRARY_PATH} = $built;
	local $ENV{LD_LIBRARY_PATH} = $built;
	my $run = prongd('-t', '-c', write_file('env/prongd.conf',
	    'plugin_dir = "' . folder('empty') . "\";\nsites = ( { routes = "
	    . "( { path = \"/\"; probe = { }; } ); } );\n"));
	like($run->{errors}, qr/:2: probe: found a handler whose plugin .*; possible here: none/,
	    'plugins come from plugin_dir alone');
};

done_testing;
