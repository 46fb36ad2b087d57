# Release builds (prebuildify) and `thalweg build`. What is compiled, and how, stands in native/build.json
# alone; CMakeLists.txt reads the same file for development.
{
  'variables': {
    'list': 'node scripts/build-list.mjs',
  },
  'target_defaults': {
    'defines': ['<!@(<(list) defines)'],
    'include_dirs': ['<!@(<(list) includeDirectories)'],
    # Node's own flags for C++ are for its internals: no exceptions, no RTTI, an older standard.
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti'],
    'cflags_cc/': [['exclude', '^-std=gnu']],
    'cflags_cc': [
      '<!@(<(list) compileFlags)',
      '-isystem', '<!(node -p "path.dirname(require.resolve(\'node-addon-api\'))")',
    ],
    'configurations': {
      'Release': {
        'defines': ['<!@(<(list) release.defines)'],
        'cflags_cc': ['<!@(<(list) release.compileFlags)'],
      },
    },
  },
  'targets': [
    {
      'target_name': 'thalweg',
      'sources': ['<!@(<(list) sources)', '<(INTERMEDIATE_DIR)/embedded_kernels.cc'],
      'actions': [
        {
          'action_name': 'embed_kernels',
          'inputs': ['native/build.json', 'scripts/embed-kernels.mjs', '<!@(<(list) kernels)'],
          'outputs': ['<(INTERMEDIATE_DIR)/embedded_kernels.cc'],
          'action': ['node', 'scripts/embed-kernels.mjs', '<(INTERMEDIATE_DIR)/embedded_kernels.cc'],
        },
      ],
      'ldflags': [
        '-Wl,--version-script=<(module_root_dir)/native/exports.map',
        '<!@(<(list) release.linkFlags)',
      ],
      'libraries': ['<!@(<(list) linkFlags)'],
      # Lowest level first: of an inline function that several levels instantiate the linker keeps the first
      # copy, which every machine that gets there can run.
      'dependencies': ['portable'],
      'conditions': [
        ['target_arch == "x64"', { 'dependencies': ['x86_64_v2', 'x86_64_v3', 'x86_64_v4'] }],
      ],
    },
    {
      'target_name': 'portable',
      'type': 'static_library',
      'sources': ['<!@(<(list) cpu.source)'],
      'defines': ['THALWEG_CPU_LEVEL=portable'],
      'cflags_cc': ['<!@(<(list) cpu.level portable)'],
    },
  ],
  'conditions': [
    ['target_arch == "x64"', {
      'targets': [
        {
          'target_name': 'x86_64_v2',
          'type': 'static_library',
          'sources': ['<!@(<(list) cpu.source)'],
          'defines': ['THALWEG_CPU_LEVEL=x86_64_v2'],
          'cflags_cc': ['<!@(<(list) cpu.level x86_64_v2)'],
        },
        {
          'target_name': 'x86_64_v3',
          'type': 'static_library',
          'sources': ['<!@(<(list) cpu.source)'],
          'defines': ['THALWEG_CPU_LEVEL=x86_64_v3'],
          'cflags_cc': ['<!@(<(list) cpu.level x86_64_v3)'],
        },
        {
          'target_name': 'x86_64_v4',
          'type': 'static_library',
          'sources': ['<!@(<(list) cpu.source)'],
          'defines': ['THALWEG_CPU_LEVEL=x86_64_v4'],
          'cflags_cc': ['<!@(<(list) cpu.level x86_64_v4)'],
        },
      ],
    }],
  ],
}
