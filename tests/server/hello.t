# The example that authors begin with: built from the tree, loaded, answering.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;

use File::Copy qw(copy);
use Prong;
use Test::More;

my $built = "$ENV{PRONG_BUILDDIR}/examples/handlers/.libs/hello.so";
plan skip_all => "$built is not built" unless -e $built;

# Authors have a folder of their own.
my $folder = folder('plugins');
copy($built, "$folder/hello.so") or die "copy: $!";

sub route {
	my ($options) = @_;
	return config("plugin_dir = \"$folder\";\nsites = ( { routes = ( "
	    . "{ path = \"/\"; hello = { $options }; } ); } );");
}

my $answer = get(route(''), '/');
is($answer->{status}, 200, 'hello answers');
is($answer->{body}, "hello, world\n", 'with its defaults');
is($answer->field('Content-Type'), 'text/plain; charset=utf-8', 'as text');
is($answer->field('Content-Length'), 13, 'of a known length');
is(get(route(''), '/?name=prong')->{body}, "hello, prong\n",
    'it reads the query');
is(get(route(''), '/?name=a%20b+c')->{body}, "hello, a b c\n",
    'which is decoded');
is(get(route('greeting = "Good day";'), '/')->{body}, "Good day, world\n",
    'and its option');
is(ask(route(''), 'HEAD', '/')->{body}, '', 'HEAD works without a word of it');
is(ask(route(''), 'POST', '/')->{status}, 405, 'and other methods do not');
my $run = prongd('-t', '-c', route('greting = "x";'));
isnt($run->{status}, 0, 'an option misspelt is an error');
like($run->{errors}, qr/prongd\.conf:\d+.*greting/, 'which is named');

done_testing;
